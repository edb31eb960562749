#include "text/text_fix.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "support/formula.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

std::string fix(std::string_view text) {
  return encode_utf8(fix_text(decode_utf8(text)));
}

/// Decodes the UTF-8 bytes in `text` as Windows-1252, which produces mojibake.
std::string misread(std::string_view text) {
  std::string out;
  for (const char c : text) append_utf8(windows_1252(static_cast<unsigned char>(c)), out);
  return out;
}

TEST(FixText, AgreesWithFtfyOnTextsReadInOtherEncodings) {
  std::ifstream file(test::golden("../mojibake/cases.jsonl"));
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    const auto [text, fixed] = nlohmann::json::parse(line).get<std::pair<std::string, std::string>>();
    EXPECT_EQ(fix(text), fixed) << text;
  }
  EXPECT_EQ(cases, 707);
}

TEST(FixText, RepairsUtf8ReadAsWindows1252) {
  for (const std::string text :
       {"café", "crème brûlée", "naïve", "Über", "señor", "Москва", "日本語", "😀", "½ cup", "± 5°", "Köln",
        "à la mode", "Ελλάδα", "déjà vu", "Çatalhöyük", "Łódź", "İstanbul", "привет"}) {
    EXPECT_EQ(fix(misread(text)), text);
    EXPECT_EQ(fix(misread(misread(text))), text);
    EXPECT_EQ(fix(misread(misread(misread(text)))), text);
  }
  EXPECT_EQ(fix("it\u00E2\u20AC\u2122s"), "it's");
  EXPECT_EQ(fix("caf\u00C3\u00A9 and café"), "café and café");
  EXPECT_EQ(fix("\u00EF\u00BB\u00BFcat"), "cat");
}

TEST(FixText, DoesNotChangeRealText) {
  for (const std::string text : {"café", "Ångström", "São Paulo", "CAFÉ™", "Ærø", "perchè…", "50 €", "DVOŘÁK",
                                 "Þór", "Ñandú", "fiancée·", "Москва", "日本語", "x² ½", "©2020", "«CAFÉ»"}) {
    EXPECT_EQ(fix(text), text);
  }
}

TEST(FixText, NormalisesCharacters) {
  EXPECT_EQ(fix("‘a’ “b” ‛c‟ ʼ"), "'a' \"b\" 'c\" '");
  EXPECT_EQ(fix("ﬁne ﬂow ﬀ oﬃce ﬆ ŉ Ǆ ĳ"), "fine flow ff office st 'n DŽ ij");
  EXPECT_EQ(fix("ＡＢ１！　ｶﾞ"), "AB1! ガ");
  EXPECT_EQ(fix("wait\u0085"), "wait…");
  EXPECT_EQ(fix("e\u0301"), "é");
}

TEST(FixText, RemovesControlsAndEscapes) {
  EXPECT_EQ(fix("\x1B[36;44mblue\x1B[0m \x07\x7F\uFEFF\uFFFC\u206A!"), "blue !");
  EXPECT_EQ(fix("\x1B[36 x"), "[36 x");
  EXPECT_EQ(fix("a\r\nb\rc\u2028d\u2029e"), "a\nb\nc\nd\ne");
  EXPECT_EQ(fix("a\u200Db"), "a\u200Db");
}

TEST(FixText, ReplacesReferencesBeforeHtmlBegins) {
  EXPECT_EQ(fix("&amp;amp;lt; &EACUTE;"), "< É");
  EXPECT_EQ(fix("&amp;\n<b>&amp;\n&amp;"), "&\n<b>&amp;\n&amp;");
}

TEST(FixText, IsIdempotent) {
  for (const std::string text : {"&amp;lt;b&gt;", "Ã\u0192Â©", "ﬁ\u0301", "\x1B[\x1B[0m0m"}) {
    EXPECT_EQ(fix(fix(text)), fix(text));
  }
}

}  // namespace
}  // namespace mkt::text
