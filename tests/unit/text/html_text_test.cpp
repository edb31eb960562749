#include "text/html_text.h"

#include <gtest/gtest.h>

#include "core/utf8.h"

namespace mkt::text {
namespace {

std::string unescape(std::string_view text) {
  return encode_utf8(unescape_html(decode_utf8(text)));
}
std::string strictly(std::string_view text) {
  return encode_utf8(unescape_html_strictly(decode_utf8(text)));
}

TEST(Html, ReadsNamedReferences) {
  EXPECT_EQ(unescape("&lt;b&gt; &eacute; &CounterClockwiseContourIntegral; &zwnj;"),
            "<b> \u00E9 \u2233 \u200C");
  EXPECT_EQ(unescape("&NotEqualTilde;"), "\u2242\u0338");  // two code points
  EXPECT_EQ(unescape("&AElig;&zwj;"), "\u00C6\u200D");     // the table's first name and one near its end
}

TEST(Html, ReadsLegacyReferencesWithoutSemicolon) {
  EXPECT_EQ(unescape("&amp &copy2 &notit; &notin;"), "& \u00A92 \u00ACit; \u2209");
  EXPECT_EQ(unescape("&hellip"), "&hellip");
  EXPECT_EQ(unescape("&ampx"), "&x");
}

TEST(Html, ReadsNumbers) {
  EXPECT_EQ(unescape("&#65;&#x42;&#X43;&#68"), "ABCD");
  EXPECT_EQ(unescape("&#128;&#x99;"), "\u20AC\u2122");
  EXPECT_EQ(unescape("&#0;&#xD800;&#x110000;&#99999999999999999999;"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(unescape("[&#1;&#xFFFE;&#x1FFFF;&#xFDD0;]"), "[]");
}

TEST(Html, KeepsEverythingElse) {
  for (const std::string text : {"&", "&&", "C++ & C#", "&nosuch;", "&#;", "&#x;", "&;", "& lt;", "a&b"}) {
    EXPECT_EQ(unescape(text), text);
    EXPECT_EQ(strictly(text), text);
  }
}

TEST(Html, NeedsSemicolonsIfStrict) {
  EXPECT_EQ(strictly("&amp &amp; &eacute &#65 &#65;"), "&amp & &eacute &#65 A");
  EXPECT_EQ(strictly("&notit;"), "&notit;");
  EXPECT_EQ(strictly("&#59;"), "&#59;");
}

TEST(Html, ReadsNamesInUpperCaseIfStrict) {
  EXPECT_EQ(strictly("&EACUTE;&HELLIP;&SZLIG;"), "\u00C9\u2026SS");
  EXPECT_EQ(strictly("&GTCC;"), "&GTCC;");  // browsers decode the prefix &GT
  EXPECT_EQ(unescape("&EACUTE;"), "&EACUTE;");
}

}  // namespace
}  // namespace mkt::text
