#include "page/html.h"

#include <gtest/gtest.h>

namespace mkt::page {
namespace {

TEST(EscapeHtml, EscapesTheEndsOfTextsAndAttributes) {
  EXPECT_EQ(escape_html("<b a='1' c=\"2\">R&D</b>"),
            "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;R&amp;D&lt;/b&gt;");
  EXPECT_EQ(escape_html("caf\u00e9"), "caf\u00e9");
}

TEST(HtmlPage, EscapesItsTitleAndEmbedsStyleAndScript) {
  const std::string page = html_page("R&D", "<p>body</p>");
  EXPECT_NE(page.find("<title>R&amp;D</title>\n<style>\n:root {"), std::string::npos) << page;
  EXPECT_NE(page.find("<body><main>\n<p>body</p></main>\n<script>\nfor (const head of"), std::string::npos)
      << page;
}

TEST(WholeLetters, CutsBetweenCodePoints) {
  EXPECT_EQ(whole_letters("\u00e9t\u00e9", 2), "\u00e9t");
  EXPECT_EQ(whole_letters("\u00e9t\u00e9", 3), "\u00e9t\u00e9");
  EXPECT_EQ(whole_letters("ab", 9), "ab");
  EXPECT_EQ(whole_letters("ab", 0), "");
}

// Examples from RFC 4648, section 10.
TEST(Base64, AgreesWithTheExamplesOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFB\xFF\xFE"), "+//+");
  EXPECT_EQ(png_uri("foo"), "data:image/png;base64,Zm9v");
}

}  // namespace
}  // namespace mkt::page
