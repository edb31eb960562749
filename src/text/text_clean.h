#pragma once
// CLIP's cleaning of a text before tokenization.

#include <string>
#include <string_view>

namespace mkt::text {

/// `text` (UTF-8) repaired by fix_text, with HTML references replaced twice, white space collapsed to single
/// blanks and removed at both ends, in lower case. Bytes that are not UTF-8 become U+FFFD. Source: CLIP's
/// basic_clean and whitespace_clean.
std::u32string clean_text(std::string_view text);

}  // namespace mkt::text
