#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/utf8.h"
#include "text/text_fix.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

/// A misread sequence: a UTF-8 sequence whose bytes were decoded as Windows-1252.
struct Misread {
  std::size_t length = 0;  ///< length in characters; 0 if there is no misread sequence
  char32_t meant = 0;      ///< the character that the sequence encodes
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

/// Whether a character is unlikely to follow a letter in correctly decoded text. Quotes and dashes are
/// excluded.
bool is_telling(char32_t c) {
  constexpr std::u32string_view kTelling = U"¢£¤¥¦§¨©¬¯°±²³´¶¸¹¼½¾ƒ†‡ˆ‰‹•˜\u00AD";
  return (c >= 0x80 && c < 0xA0) || kTelling.find(c) != kTelling.npos;
}

/// Whether a single misread sequence is unlikely in correctly decoded text.
bool is_certain(std::u32string_view misread) {
  const int lead = windows_1252_byte(misread[0]);
  const char32_t second = misread[1];
  if (lead == 0xC3) return true;
  if (lead == 0xC2) return !is_letter(second);
  if (lead < 0xE0) return is_telling(second);
  if (lead == 0xE2) return windows_1252_byte(second) < 0xA0;  // the sequence encodes punctuation or a symbol
  if (lead >= 0xF0 || misread == U"ï»¿") return true;
  return is_telling(second) || is_telling(misread[2]);
}

/// A range of adjacent misread sequences.
struct Stretch {
  std::size_t start = 0;
  std::size_t end = 0;
  std::u32string meant;
  bool certain = false;
};

/// Finds the next stretch at or after `start`; returns an empty stretch at the end of `text` if there is
/// none.
Stretch next_stretch(std::u32string_view text, std::size_t start) {
  Stretch stretch;
  while (start < text.size() && misread_at(text.substr(start)).length == 0) ++start;
  stretch.start = stretch.end = start;
  for (Misread next; stretch.end < text.size(); stretch.end += next.length) {
    next = misread_at(text.substr(stretch.end));
    if (next.length == 0) break;
    const bool alone = stretch.meant.empty();
    stretch.certain = stretch.certain || !alone || is_certain(text.substr(stretch.end, next.length));
    stretch.meant.push_back(next.meant);
  }
  return stretch;
}

bool is_ascii(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x80; });
}

/// Whether `text` consists only of ASCII characters and misread sequences, at least one of them certain. If
/// so, fix_mojibake() decodes all its misread sequences again.
bool is_misread_throughout(std::u32string_view text) {
  bool certain = false;
  for (std::size_t i = 0; i < text.size();) {
    const Stretch stretch = next_stretch(text, i);
    if (!is_ascii(text.substr(i, stretch.start - i))) return false;
    certain = certain || stretch.certain;
    i = stretch.end;
  }
  return certain;
}

}  // namespace

std::u32string fix_mojibake(std::u32string_view text) {
  if (is_ascii(text)) return std::u32string(text);
  const bool throughout = is_misread_throughout(text);
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Stretch stretch = next_stretch(text, i);
    out += text.substr(i, stretch.start - i);
    if (stretch.certain || throughout) {
      out += stretch.meant;
    } else {
      out += text.substr(stretch.start, stretch.end - stretch.start);
    }
    i = stretch.end;
  }
  return out;
}

}  // namespace mkt::text
