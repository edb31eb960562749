#include "io/sha256.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/message.h"

namespace mkt::io {

using namespace test;
namespace {

using test::message_of;

// Examples from FIPS 180-4.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnTheSizeOfParts) {
  const std::string text(1000, 'q');
  for (std::size_t part = 1; part < 200; ++part) {
    Sha256 digest;
    for (std::size_t at = 0; at < text.size(); at += part) {
      digest.update(text.data() + at, std::min(part, text.size() - at));
    }
    EXPECT_EQ(digest.hex(), sha256(text)) << part;
  }
}

TEST(Sha256, HashesFilesAndNamesMissingOnes) {
  EXPECT_EQ(sha256_file(write_file(temporary("abc"), "abc")), sha256("abc"));
  EXPECT_EQ(sha256_file(write_file(temporary("empty"), "")), sha256(""));
  EXPECT_NE(message_of([] { sha256_file("/nowhere/f"); }).find("/nowhere/f: cannot be read"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::io
