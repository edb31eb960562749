#pragma once
// The cleaning that CLIP does to a text before it splits it.

#include <string>
#include <string_view>

namespace mkt::text {

/// `text` (UTF-8) repaired (fix_text), HTML entities unescaped twice, white space collapsed to single blanks
/// and cut at both ends, in lower case. Bytes that are not UTF-8 become U+FFFD. Source: CLIP's
/// basic_clean and whitespace_clean.
std::u32string clean_text(std::string_view text);

}  // namespace mkt::text
