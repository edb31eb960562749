#pragma once
// Parses the text encodings of numbers and strings in protocol 0 pickles.

#include <cstdint>
#include <string>
#include <string_view>

namespace mkt::weights {

/// Parses `text` as a decimal 64-bit integer; returns false if it is invalid.
bool parse_int(std::string_view text, std::int64_t* value);

/// Decodes a Python 2 string literal ('…' with escapes) and appends its bytes to `text`; returns false if it
/// is malformed.
bool unquote(std::string_view literal, std::string* text);

/// Converts Python's raw-unicode-escape (\uXXXX, \UXXXXXXXX, other bytes Latin-1) to UTF-8.
std::string unescape_unicode(std::string_view escaped);

/// Converts UTF-8 to Latin-1 and appends it to `bytes`; returns false if `utf8` is invalid or has a code
/// point above U+00FF.
bool to_latin1(std::string_view utf8, std::string* bytes);

}  // namespace mkt::weights
