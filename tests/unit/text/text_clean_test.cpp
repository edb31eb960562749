#include "text/text_clean.h"

#include <gtest/gtest.h>

#include "core/utf8.h"

namespace mkt::text {
namespace {

std::string clean(std::string_view text) {
  return encode_utf8(clean_text(text));
}

TEST(CleanText, CollapsesWhiteSpaceAndConvertsToLowerCase) {
  EXPECT_EQ(clean("  Fire\t\u00A0Truck\r\n"), "fire truck");
  EXPECT_EQ(clean(" \n "), "");
  EXPECT_EQ(clean(""), "");
}

TEST(CleanText, ReplacesReferencesTwiceAfterTheRepair) {
  EXPECT_EQ(clean("<&amp;amp;amp;>"), "<&amp;>");  // text with "<": fix_text() replaces no references
  EXPECT_EQ(clean("&nbsp;&Eacute;t&eacute &nbsp;"), "été");
}

TEST(CleanText, AcceptsAnyBytes) {
  EXPECT_EQ(clean("caf\xE9 \xFF"), "caf\uFFFD \uFFFD");
  EXPECT_EQ(clean(std::string("a\0b", 3)), "ab");
}

}  // namespace
}  // namespace mkt::text
