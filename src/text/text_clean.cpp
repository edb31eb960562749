#include "text/text_clean.h"

#include "core/utf8.h"
#include "text/html_text.h"
#include "text/text_fix.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

std::u32string collapse_space(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  bool space = false;
  for (const char32_t c : text) {
    if (is_space(c)) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out.push_back(U' ');
    space = false;
    out.push_back(c);
  }
  return out;
}

}  // namespace

std::u32string clean_text(std::string_view text) {
  const std::u32string fixed = fix_text(decode_utf8(text));
  return lower_case(collapse_space(unescape_html(unescape_html(fixed))));
}

}  // namespace mkt::text
