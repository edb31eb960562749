#pragma once
// UTF-8 and code points.

#include <string>
#include <string_view>

namespace mkt {

/// U+FFFD, which stands for what cannot be decoded or encoded.
constexpr char32_t kReplacement = 0xFFFD;

/// The code points of UTF-8. Each maximal beginning of a truncated sequence and each other invalid byte
/// becomes one U+FFFD, as with Python's errors="replace". Surrogates in the form of CESU-8: a pair is joined,
/// a lone one becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);

/// Appends a code point as UTF-8; a surrogate or a number beyond Unicode becomes U+FFFD.
void append_utf8(char32_t character, std::string& text);
std::string encode_utf8(std::u32string_view text);

/// Whether `text` is valid UTF-8.
bool is_utf8(std::string_view text);

}  // namespace mkt
