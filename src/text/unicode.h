#pragma once
// Unicode properties and conversions of code points, with the results of Python's str.

#include <string>
#include <string_view>

namespace mkt::text {

/// White space, as str.isspace and the pattern \s define it.
bool is_space(char32_t character);
/// Unicode category L, the pattern \p{L}.
bool is_letter(char32_t character);
/// Unicode category N, the pattern \p{N}.
bool is_number(char32_t character);

/// The character of a Windows-1252 byte; the five unassigned bytes map to the code points of the same value.
char32_t windows_1252(unsigned char byte);
/// The byte that Windows-1252 or Latin-1 decodes to this character, or -1.
int windows_1252_byte(char32_t character);

/// str.lower with full case mapping: İ becomes i with a combining dot above, Σ at the end of a word becomes
/// ς.
std::u32string lower_case(std::u32string_view text);
/// str.upper as far as single HTML entities need it: simple case mappings, and ß becomes SS.
std::u32string upper_case(std::u32string_view text);
/// Canonical composition (NFC).
std::u32string compose(std::u32string_view text);
/// Compatibility composition (NFKC) of one character.
std::u32string compose_compatible(char32_t character);

}  // namespace mkt::text
