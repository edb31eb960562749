#include "text/unicode.h"

#include <gtest/gtest.h>

#include "core/utf8.h"

namespace mkt::text {
namespace {

std::string lower(std::string_view text) {
  return encode_utf8(lower_case(decode_utf8(text)));
}

TEST(Unicode, ConvertsToLowerCaseAsPython) {
  EXPECT_EQ(lower("\u0130stanbul \u00C9 \u212A \u1E9E \u01C5"), "i\u0307stanbul \u00E9 k \u00DF \u01C6");
  EXPECT_EQ(lower("\u039F\u0394\u039F\u03A3 \u03A3\u0391"), "\u03BF\u03B4\u03BF\u03C2 \u03C3\u03B1");
  EXPECT_EQ(lower("\u03A3"), "\u03C3");                // a sigma alone is not final
  EXPECT_EQ(lower("\u0391\u03A3'"), "\u03B1\u03C2'");  // final sigma: no letter follows the apostrophe
  EXPECT_EQ(lower("\u0391\u03A3'\u0391"), "\u03B1\u03C3'\u03B1");
}

TEST(Unicode, RecognisesSpacesLettersAndNumbers) {
  for (const char32_t c : {U' ', U'\n', U'\u00A0', U'\u2003', U'\u3000', U'\u2028', U'\u0085'})
    EXPECT_TRUE(is_space(c));
  for (const char32_t c : {U'a', U'\u200B', U'\u180E', U'_'}) EXPECT_FALSE(is_space(c));
  for (const char32_t c : {U'a', U'Z', U'\u00AA', U'\u4E2D', U'\u05D0'}) EXPECT_TRUE(is_letter(c));
  for (const char32_t c : {U'1', U'\u0301', U'_', U'@', U'['}) EXPECT_FALSE(is_letter(c));
  for (const char32_t c : {U'0', U'\u00B2', U'\u00BD', U'\u2167', U'\u0663'}) EXPECT_TRUE(is_number(c));
  for (const char32_t c : {U'a', U'/', U':'}) EXPECT_FALSE(is_number(c));
}

TEST(Unicode, ComposesCanonically) {
  EXPECT_EQ(compose(U"e\u0301"), U"\u00E9");
  EXPECT_EQ(compose(U"a\u0301\u0316"), U"\u00E1\u0316");  // combining marks are sorted by combining class
  EXPECT_EQ(compose(U"\u1100\u1161\u11A8"), U"\uAC01");
  EXPECT_EQ(compose(U"\u212B\u0958"),
            U"\u00C5\u0915\u093C");  // a singleton decomposition and a composition exclusion
  EXPECT_EQ(compose_compatible(U'\uFF21'), U"A");
}

TEST(Unicode, MapsWindows1252BothWays) {
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(windows_1252_byte(windows_1252(static_cast<unsigned char>(byte))), byte);
  }
  EXPECT_EQ(windows_1252(0x80), U'\u20AC');
  EXPECT_EQ(windows_1252_byte(U'\u0100'), -1);
  EXPECT_EQ(windows_1252_byte(0x1201A), -1);
}

}  // namespace
}  // namespace mkt::text
