#include "core/utf8.h"

#include <gtest/gtest.h>

namespace mkt {
namespace {

TEST(Utf8, DecodesEveryLength) {
  EXPECT_EQ(decode_utf8("a\u00E9\u4E2D\U0001F600"), U"a\u00E9\u4E2D\U0001F600");
  EXPECT_EQ(encode_utf8(U"a\u00E9\u4E2D\U0001F600"), "a\u00E9\u4E2D\U0001F600");
}

TEST(Utf8, ReplacesInvalidBytesAsPythonDoes) {
  EXPECT_EQ(decode_utf8("\x80z"), U"\uFFFDz");
  EXPECT_EQ(decode_utf8("\xC0\xAFz"), U"\uFFFD\uFFFDz");  // overlong encoding
  EXPECT_EQ(decode_utf8("\xE4\xB8z"), U"\uFFFDz");        // truncated sequence
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98"), U"\uFFFD");      // truncated at the end of the text
  EXPECT_EQ(decode_utf8("\xF5\x80z"), U"\uFFFD\uFFFDz");  // lead byte beyond U+10FFFF
  EXPECT_EQ(decode_utf8("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(Utf8, EncodesNoSurrogateAndNothingBeyondUnicode) {
  for (const char32_t character : {char32_t{0xD83D}, char32_t{0x110000}}) {
    EXPECT_EQ(encode_utf8({&character, 1}), "\uFFFD");
  }
}

TEST(Utf8, TellsValidTextFromOtherBytes) {
  for (const std::string text : {"", "a\u00E9\u4E2D\U0001F600", "\uFFFD"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const std::string text : {"caf\xE9", "\xE4\xB8", "\xC0\xAF", "\xED\xA0\xBD\xED\xB8\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, JoinsSurrogatesAndReplacesLoneOnes) {
  EXPECT_EQ(decode_utf8("\xED\xA0\xBD\xED\xB8\x80"), U"\U0001F600");
  EXPECT_EQ(decode_utf8("\xED\xB8\x80\xED\xA0\xBD!"), U"\uFFFD\uFFFD!");
}

}  // namespace
}  // namespace mkt
