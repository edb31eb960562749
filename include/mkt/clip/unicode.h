#pragma once
// What Python's str does with Unicode, on code points.

#include <string>
#include <string_view>

namespace mkt::clip {

constexpr char32_t kReplacement = 0xFFFD;

/// Code points of UTF-8. Each maximal invalid stretch becomes one U+FFFD, as Python's errors="replace" does.
/// Surrogates: a pair in CESU-8 is joined, a lone one is invalid.
std::u32string decode_utf8(std::string_view text);
void append_utf8(char32_t character, std::string& text);
std::string encode_utf8(std::u32string_view text);

/// White space of str.isspace and of the pattern \s (White_Space and U+001C … U+001F).
bool is_space(char32_t character);
/// \p{L}
bool is_letter(char32_t character);
/// \p{N}
bool is_number(char32_t character);

/// str.lower: full mapping, so İ becomes i and a dot above, and Σ at the end of a word ς.
std::u32string lower_case(std::u32string_view text);
/// Canonical composition (NFC).
std::u32string compose(std::u32string_view text);
/// Compatibility composition (NFKC) of one character.
std::u32string compose_compatible(char32_t character);

}  // namespace mkt::clip
