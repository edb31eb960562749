#pragma once
// The text that pickles of protocol 0 are made of.

#include <cstdint>
#include <string>
#include <string_view>

namespace mkt::weights {

/// Whether all of `text` is a decimal 64-bit integer.
bool parse_int(std::string_view text, std::int64_t* value);

/// A Python 2 string literal ('…' with escapes) as its bytes; false where it is none.
bool unquote(std::string_view literal, std::string* text);

/// Python's raw-unicode-escape (\uXXXX, \UXXXXXXXX, everything else Latin-1) as UTF-8.
std::string unescape_unicode(std::string_view escaped);

/// UTF-8 of code points up to U+00FF as Latin-1 bytes; false where it holds another.
bool to_latin1(std::string_view utf8, std::string* bytes);

}  // namespace mkt::weights
