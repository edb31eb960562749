#pragma once
// Cleans text before tokenization, as CLIP does.

#include <string>
#include <string_view>

namespace mkt::text {

/// Cleans `text` (UTF-8): repairs it with fix_text(), replaces HTML references twice, collapses white space
/// to single spaces, trims both ends and converts to lower case. Invalid UTF-8 bytes become U+FFFD. Source:
/// CLIP's basic_clean and whitespace_clean.
std::u32string clean_text(std::string_view text);

}  // namespace mkt::text
