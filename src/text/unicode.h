#pragma once
// Unicode properties and conversions of code points, with the same results as Python's str.

#include <string>
#include <string_view>

namespace mkt::text {

/// Whether a character is white space for str.isspace and the pattern \s.
bool is_space(char32_t character);
/// Whether a character is in Unicode category L, the pattern \p{L}.
bool is_letter(char32_t character);
/// Whether a character is in Unicode category N, the pattern \p{N}.
bool is_number(char32_t character);

/// Decodes a Windows-1252 byte; the five unassigned bytes map to the code points with the same value.
char32_t windows_1252(unsigned char byte);
/// Encodes a character as a Windows-1252 or Latin-1 byte; returns -1 if there is none.
int windows_1252_byte(char32_t character);

/// Converts to lower case as str.lower does, with full case mapping: İ becomes i with a combining dot above,
/// Σ at the end of a word becomes ς.
std::u32string lower_case(std::u32string_view text);
/// Converts to upper case as str.upper does, as far as single HTML entities require: simple case mappings,
/// and ß becomes SS.
std::u32string upper_case(std::u32string_view text);
/// Normalises to NFC (canonical composition).
std::u32string compose(std::u32string_view text);
/// Normalises one character to NFKC (compatibility composition).
std::u32string compose_compatible(char32_t character);

}  // namespace mkt::text
