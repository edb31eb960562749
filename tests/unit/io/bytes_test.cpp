#include "io/bytes.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/message.h"

namespace mkt::io {
namespace {

TEST(LittleBytes, AreReadBack) {
  EXPECT_EQ(little_bytes(0x0102, 4), std::string("\x02\x01\0\0", 4));
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{0x80}, std::uint64_t{0xFEDCBA9876543210}}) {
    const std::string bytes = little_bytes(value, 8);
    EXPECT_EQ(read_little(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), value);
  }
}

TEST(SharedBytes, RejectsRangesOutsideAlsoIfTheyOverflow) {
  const SharedBytes bytes = allocate_bytes(10);
  EXPECT_TRUE(bytes.fits(0, 10));
  EXPECT_TRUE(bytes.fits(10, 0));
  EXPECT_FALSE(bytes.fits(4, 7));
  EXPECT_FALSE(bytes.fits(~std::uint64_t{0}, 2));
}

TEST(MapFile, KeepsWritesPrivate) {
  const std::string path = test::write_file(test::temporary("mapped"), "abc");
  const SharedBytes bytes = map_file(path);
  bytes.data[0] = 'x';
  EXPECT_EQ(bytes.view(), "xbc");
  EXPECT_EQ(test::file_text(path), "abc");
}

TEST(MapFile, NamesWhatCannotBeMapped) {
  EXPECT_EQ(
      test::message_of([] { map_file("/nowhere/f"); }),
      "/nowhere/f: cannot be read: No such file or directory. Check that the file exists and is readable.");
  EXPECT_EQ(test::message_of([] { map_file("/dev/null"); }),
            "/dev/null: expected a file, got a folder, a pipe or a device. Name a file.");
}

}  // namespace
}  // namespace mkt::io
