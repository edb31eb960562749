#pragma once
// Conversion between UTF-8 and code points.

#include <cstddef>
#include <string>
#include <string_view>

namespace mkt {

/// U+FFFD, the Unicode replacement character: replaces invalid bytes and invalid code points.
constexpr char32_t kReplacement = 0xFFFD;

/// Decodes UTF-8 to code points. The maximal valid prefix of a truncated sequence becomes one U+FFFD, and so
/// does every other invalid byte, as with Python's errors="replace". Surrogates encoded as in CESU-8 are
/// accepted: a surrogate pair is joined, an unpaired surrogate becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);

/// Appends a code point as UTF-8; a surrogate or a value above U+10FFFF becomes U+FFFD.
void append_utf8(char32_t character, std::string& text);
std::string encode_utf8(std::u32string_view text);

/// Returns the length of the longest start of `text` that is valid UTF-8.
std::size_t valid_utf8(std::string_view text);
/// Whether `text` is valid UTF-8.
bool is_utf8(std::string_view text);

}  // namespace mkt
