#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "mkt/clip/text_fix.h"
#include "mkt/clip/unicode.h"

namespace mkt::clip {
namespace {

/// A sequence of UTF-8 whose bytes were each read as a character of Windows-1252.
struct Misread {
  std::size_t length = 0;  // in characters; 0: none here
  char32_t meant = 0;
};

Misread misread_at(std::u32string_view text) {
  const int lead = windows_1252_byte(text[0]);
  if (lead < 0xC2 || lead > 0xF4) return {};
  std::string bytes;
  for (std::size_t i = 0; i < std::min<std::size_t>(4, text.size()); ++i) {
    const int byte = windows_1252_byte(text[i]);
    if (byte < 0) break;
    bytes.push_back(static_cast<char>(byte));
  }
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes.size() < length) return {};
  const std::u32string decoded = decode_utf8(std::string_view(bytes).substr(0, length));
  if (decoded.size() != 1 || decoded[0] == kReplacement) return {};
  return {length, decoded[0]};
}

/// Signs that hardly ever follow a letter in real text, other than quotes, dashes and such.
bool is_telling(char32_t c) {
  constexpr std::u32string_view kTelling = U"¢£¤¥¦§¨©¬¯±²³´¶¸¹¼½¾ƒ†‡ˆ‰‹•˜\u00AD";
  return (c >= 0x80 && c < 0xA0) || kTelling.find(c) != kTelling.npos;
}

/// Whether a misread sequence that stands alone is beyond doubt one.
bool is_certain(std::u32string_view misread) {
  const int lead = windows_1252_byte(misread[0]);
  const char32_t second = misread[1];
  if (lead == 0xC3) return true;
  if (lead == 0xC2) return !is_letter(second);
  if (lead < 0xE0) return is_telling(second);
  if (lead == 0xE2) return windows_1252_byte(second) < 0xA0;  // punctuation and symbols
  if (lead >= 0xF0 || misread == U"ï»¿") return true;
  return is_telling(second) || is_telling(misread[2]);
}

}  // namespace

std::u32string fix_mojibake(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    std::u32string meant;
    bool certain = false;
    for (Misread next; end < text.size() && (next = misread_at(text.substr(end))).length > 0;
         end += next.length) {
      certain = certain || !meant.empty() || is_certain(text.substr(end, next.length));
      meant.push_back(next.meant);
    }
    if (meant.empty()) end = i + 1;
    out += certain ? std::u32string_view(meant) : text.substr(i, end - i);
    i = end;
  }
  return out;
}

}  // namespace mkt::clip
