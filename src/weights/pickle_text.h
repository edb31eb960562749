#pragma once
// The text forms of numbers and strings in pickles of protocol 0.

#include <cstdint>
#include <string>
#include <string_view>

namespace mkt::weights {

/// Parses `text` as a decimal 64-bit integer; false if it is not one.
bool parse_int(std::string_view text, std::int64_t* value);

/// Appends the bytes of a Python 2 string literal ('…' with escapes) to `text`; false if it is malformed.
bool unquote(std::string_view literal, std::string* text);

/// Converts Python's raw-unicode-escape (\uXXXX, \UXXXXXXXX, other bytes Latin-1) to UTF-8.
std::string unescape_unicode(std::string_view escaped);

/// Appends UTF-8 text as Latin-1 to `bytes`; false if it has a code point above U+00FF or is not UTF-8.
bool to_latin1(std::string_view utf8, std::string* bytes);

}  // namespace mkt::weights
