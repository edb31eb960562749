#include "core/utf8.h"

#include <utility>

namespace mkt {
namespace {

bool is_surrogate(char32_t c) {
  return c >= 0xD800 && c <= 0xDFFF;
}
bool is_high_surrogate(char32_t c) {
  return c >= 0xD800 && c <= 0xDBFF;
}

/// Decodes the UTF-8 sequence at the start of `text` (surrogates allowed); returns its code point and length.
/// If the sequence is invalid: returns U+FFFD and the length of the longest valid prefix, at least 1.
std::pair<char32_t, std::size_t> decode_one(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;  // minimum of the second byte
  const unsigned highest = lead == 0xF4 ? 0x8F : 0xBF;
  char32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const bool valid =
        i < text.size() && byte(i) >= (i == 1 ? lowest : 0x80) && byte(i) <= (i == 1 ? highest : 0xBF);
    if (!valid) return {kReplacement, i};
    character = character << 6 | (byte(i) & 0x3F);
  }
  return {character, length};
}

/// Joins surrogate pairs and replaces unpaired surrogates by U+FFFD.
std::u32string join_surrogates(std::u32string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = is_high_surrogate(text[i]) && i + 1 < text.size() && is_surrogate(text[i + 1]) &&
                      !is_high_surrogate(text[i + 1]);
    if (pair) {
      out.push_back(0x10000 + ((text[i] - 0xD800) << 10) + (text[i + 1] - 0xDC00));
      ++i;
    } else {
      out.push_back(is_surrogate(text[i]) ? kReplacement : text[i]);
    }
  }
  return out;
}

}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  bool surrogates = false;
  while (!text.empty()) {
    const auto [character, length] = decode_one(text);
    surrogates = surrogates || is_surrogate(character);
    out.push_back(character);
    text.remove_prefix(length);
  }
  return surrogates ? join_surrogates(out) : out;
}

void append_utf8(char32_t character, std::string& text) {
  if (character > 0x10FFFF || is_surrogate(character)) character = kReplacement;
  const auto tail = [&](int shift) {
    text.push_back(static_cast<char>(0x80 | ((character >> shift) & 0x3F)));
  };
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (character >> 6)));
    tail(0);
  } else if (character < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (character >> 12)));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<char>(0xF0 | (character >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(c, out);
  return out;
}

std::size_t valid_utf8(std::string_view text) {
  constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const auto [character, length] = decode_one(text.substr(at));
    const bool replaced =
        character == kReplacement && text.substr(at, kReplacementBytes.size()) != kReplacementBytes;
    if (replaced || is_surrogate(character)) break;
    at += length;
  }
  return at;
}

bool is_utf8(std::string_view text) {
  return valid_utf8(text) == text.size();
}

}  // namespace mkt
