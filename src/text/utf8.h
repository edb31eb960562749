#pragma once
// UTF-8 and code points.

#include <string>
#include <string_view>

namespace mkt::text {

constexpr char32_t kReplacement = 0xFFFD;

/// Code points of UTF-8. Each maximal beginning of a sequence that is cut off, and each other invalid byte,
/// becomes one U+FFFD, as Python's errors="replace" does. Surrogates as CESU-8 writes them: a pair is joined,
/// a lone one becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);
void append_utf8(char32_t character, std::string& text);
std::string encode_utf8(std::u32string_view text);

}  // namespace mkt::text
