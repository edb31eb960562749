#pragma once
// What Python's str does with Unicode, on code points.

#include <string>
#include <string_view>

namespace mkt::text {

/// White space as str.isspace and the pattern \s know it.
bool is_space(char32_t character);
/// \p{L}
bool is_letter(char32_t character);
/// \p{N}
bool is_number(char32_t character);

/// The character of a byte in Windows-1252; its five unassigned bytes stand for themselves.
char32_t windows_1252(unsigned char byte);
/// The byte that Windows-1252 or Latin-1 reads as this character, or -1.
int windows_1252_byte(char32_t character);

/// str.lower: full mapping, so İ becomes i and a dot above, and Σ at the end of a word ς.
std::u32string lower_case(std::u32string_view text);
/// str.upper, as far as single entities of HTML need it: simple mappings, and ß becomes SS.
std::u32string upper_case(std::u32string_view text);
/// Canonical composition (NFC).
std::u32string compose(std::u32string_view text);
/// Compatibility composition (NFKC) of one character.
std::u32string compose_compatible(char32_t character);

}  // namespace mkt::text
