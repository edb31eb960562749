#include "io/numbered_lines.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/message.h"

namespace mkt::io {
namespace {

TEST(NumberedLines, CountsAllLinesAndSkipsBlankOnes) {
  NumberedLines file(test::write_file(test::temporary("numbered.txt"), "first\n\n  third \n"));
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.text(), "first");
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.text(), "third");
  EXPECT_EQ(file.number(), 3);
  EXPECT_EQ(file.where(), file.path() + ":3");
  EXPECT_FALSE(file.next());
}

TEST(ReadLines, ReadsLineEndsOfEverySystemAndDropsAByteOrderMark) {
  const std::string path = test::write_file(test::temporary("lines.txt"),
                                            "\xEF\xBB\xBF"
                                            "fire truck\r\n\n  sea \nsky");
  EXPECT_EQ(read_lines(path), (std::vector<std::string>{"fire truck", "sea", "sky"}));
}

TEST(ReadLines, NamesTheFileThatIsMissing) {
  EXPECT_EQ(test::message_of([] { read_lines("/nowhere/labels.txt"); }),
            "/nowhere/labels.txt: cannot be read. Check that the file exists and is readable.");
}

}  // namespace
}  // namespace mkt::io
