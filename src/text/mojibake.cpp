#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/utf8.h"
#include "text/badness.h"
#include "text/code_pages.h"
#include "text/text_fix.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";  // U+FFFD in UTF-8
constexpr int kDeepest = 8;                                     // nesting of texts within texts
constexpr std::size_t kMacRoman = 8;  // encoding in which a dash before a space looks like a lost byte

bool is_between(unsigned char byte, unsigned first, unsigned last) {
  return first <= byte && byte <= last;
}

/// Bytes of a text, addressed beyond its end as 0.
class Bytes {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}
  unsigned char operator[](std::size_t at) const {
    return at < text_.size() ? static_cast<unsigned char>(text_[at]) : static_cast<unsigned char>(0);
  }
  /// Whether the byte continues a UTF-8 sequence.
  bool continues(std::size_t at) const { return is_between((*this)[at], 0x80, 0xBF); }
  /// Whether the byte continues a sequence and is neither 0x85 nor 0xA0, which are white space in Latin-1.
  bool continues_visibly(std::size_t at) const {
    return continues(at) && (*this)[at] != 0x85 && (*this)[at] != 0xA0;
  }

 private:
  std::string_view text_;
};

/// Returns the length of the UTF-8 sequence at `at` in which one byte 0xA0 was replaced by a space, or 0.
/// Only lead bytes of common characters count.
std::size_t spaced_sequence(const Bytes& bytes, std::size_t at) {
  constexpr std::string_view kPairLeads = "\xC2\xC3\xC5\xCE\xD0\xD9";
  const unsigned char lead = bytes[at];
  const auto space = [&](std::size_t i) { return bytes[at + i] == ' '; };
  if (kPairLeads.find(static_cast<char>(lead)) != kPairLeads.npos && space(1)) return 2;
  if ((lead == 0xE2 || lead == 0xE3) && space(1) && bytes.continues_visibly(at + 2)) return 3;
  if (is_between(lead, 0xE0, 0xE3) && bytes.continues_visibly(at + 1) && space(2)) return 3;
  if (lead != 0xF0) return 0;
  int spaces = 0;
  for (std::size_t i = 1; i <= 3; ++i) {
    if (!space(i) && !bytes.continues(at + i)) return 0;
    spaces += space(i) ? 1 : 0;
  }
  return spaces == 1 ? 4 : 0;
}

/// Whether "Ã " at the start of `rest` is the word "à", whose byte 0xA0 was joined with the space after it.
/// The exceptions are words and endings of Portuguese.
bool is_a_grave_word(std::string_view rest) {
  if (rest.substr(0, 2) != "\xC3 ") return false;
  rest.remove_prefix(2);
  for (const std::string_view next : {" ", "quele", "quela", "quilo", "s "}) {
    if (rest.substr(0, next.size()) == next) return false;
  }
  return true;
}

/// Restores bytes 0xA0 that were replaced by spaces within UTF-8 sequences.
std::string restore_spaces(const std::string& text) {
  std::string words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    words += text[i];
    if (is_a_grave_word(std::string_view(text).substr(i))) words += '\xA0';
  }
  const Bytes bytes(words);
  std::string restored = words;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t length = spaced_sequence(bytes, at);
    for (std::size_t i = 0; i < length; ++i) {
      if (words[at + i] == ' ') restored[at + i] = '\xA0';
    }
    at += std::max<std::size_t>(length, 1);
  }
  return restored;
}

/// Returns the length of a surrogate pair in CESU-8 at `at`, one of whose bytes is lost, or 0.
std::size_t lossy_pair(const Bytes& bytes, std::size_t at) {
  const auto lost = [&](std::size_t i) { return bytes[i] == 0x1A || bytes[i] == '?'; };
  const auto lost_or_continues = [&](std::size_t i) { return lost(i) || bytes.continues(i); };
  if (bytes[at] != 0xED || bytes[at + 3] != 0xED) return 0;
  if (!is_between(bytes[at + 1], 0xA0, 0xAF) || !is_between(bytes[at + 4], 0xB0, 0xBF)) return 0;
  const bool first = lost(at + 2) && lost_or_continues(at + 5);
  const bool second = lost_or_continues(at + 2) && lost(at + 5);
  return first || second ? 6 : 0;
}

/// Returns the length of a UTF-8 sequence at `at` with a lost byte (0x1A, in places "?"), or 0.
std::size_t lossy_sequence(const Bytes& bytes, std::size_t at) {
  const unsigned char lead = bytes[at];
  const auto lost = [&](std::size_t i) { return bytes[at + i] == 0x1A || bytes[at + i] == '?'; };
  const auto open = [&](std::size_t i) { return bytes[at + i] == 0x1A || bytes.continues(at + i); };
  if (is_between(lead, 0xC2, 0xDF) && bytes[at + 1] == 0x1A) return 2;
  if (is_between(lead, 0xC2, 0xC3) && bytes[at + 1] == '?') return 2;
  if (const std::size_t pair = lossy_pair(bytes, at)) return pair;
  if (is_between(lead, 0xE0, 0xEF) && ((lost(1) && open(2)) || (open(1) && lost(2)))) return 3;
  const bool four =
      (lost(1) && open(2) && open(3)) || (open(1) && lost(2) && open(3)) || (open(1) && open(2) && lost(3));
  if (is_between(lead, 0xF0, 0xF4) && four) return 4;
  return lead == 0x1A ? 1 : 0;
}

/// Replaces UTF-8 sequences with a lost byte by U+FFFD.
std::string replace_lost(const std::string& text) {
  const Bytes bytes(text);
  std::string replaced;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = lossy_sequence(bytes, at);
    if (length > 0) replaced += kReplacementBytes;
    if (length == 0) replaced += text[at];
    at += std::max<std::size_t>(length, 1);
  }
  return replaced;
}

/// Whether a surrogate pair in CESU-8 begins at `at`.
bool is_surrogate_pair(const Bytes& bytes, std::size_t at) {
  return bytes[at] == 0xED && is_between(bytes[at + 1], 0xA0, 0xAF) && bytes.continues(at + 2) &&
         bytes[at + 3] == 0xED && is_between(bytes[at + 4], 0xB0, 0xBF) && bytes.continues(at + 5);
}

/// Decodes UTF-8, also with CESU-8's surrogate pairs and Java's NUL of two bytes; nullopt if it is invalid.
std::optional<std::u32string> decoded(const std::string& text) {
  const Bytes bytes(text);
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    if (bytes[at] == 0xC0 && bytes[at + 1] == 0x80) {
      plain += '\0';
      at += 2;
    } else if (is_surrogate_pair(bytes, at)) {
      plain += encode_utf8(decode_utf8(std::string_view(text).substr(at, 6)));
      at += 6;
    } else {
      plain += text[at++];
    }
  }
  if (!is_utf8(plain)) return std::nullopt;
  return decode_utf8(plain);
}

/// Decodes a text again whose UTF-8 was decoded in encoding `page`; nullopt if it was not.
std::optional<std::u32string> read_again(std::u32string_view text, std::size_t page) {
  std::optional<std::string> bytes = encode_in_page(text, page);
  if (!bytes) return std::nullopt;
  if (page != kMacRoman) bytes = restore_spaces(*bytes);
  if (loses_bytes(page)) bytes = replace_lost(*bytes);
  return decoded(*bytes);
}

// Characters that the lead bytes of UTF-8 sequences and the bytes after them are misread as, in the encodings
// of code_pages.h.
constexpr std::u32string_view kLeadsOf2 =
    U"ĂÂÄĀÅÃÆĆČÇĎĐÉĚÊËĖÈĒĘÐĞĢÍÎÏİÌĪĶĹĻŁŃŇŅÑÓÔÖŐÒŌØÕŘŚŠŞŢÞÚÛÜŰÙŪŲŮÝŹŽŻß×ΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίВГДЕЖЗИЙК"
    U"ЛМНО"
    U"ПРСТУФХЦЧШЩЪЫЬЭЮЯ";
constexpr std::u32string_view kLeadsOf3 =
    U"áăâäàāąåãæćčçďéěêëėèēęģíîïìīįķĺļŕźΰαβγδεζηθικλμνξοабвгдежзийклмноп";
constexpr std::u32string_view kLeadsOf4 = U"đðğóšπσру";
constexpr std::u32string_view kFollowing =
    U"ĄÆĽŁØŖŚŠŞŤŸŹŽŻŒąæƒľłøŗśšşťźžżœˆˇ˘˛˜\u02dd\u0384\u0385ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ†‡‰‹›€№™";
constexpr std::u32string_view kFollowingLead = U" –—―‘’‚“”„•…";  // follow a lead, but say nothing before one

bool contains(std::u32string_view set, char32_t c) {
  return set.find(c) != set.npos;
}
bool follows_strictly(char32_t c) {
  return (c >= 0x80 && c <= 0xBF) || contains(kFollowing, c);
}
bool follows(char32_t c) {
  return follows_strictly(c) || contains(kFollowingLead, c);
}

/// Returns the length of the sequence at the start of `text` that may be a misread character, or 0.
std::size_t misread_length(std::u32string_view text) {
  std::size_t length = 0;
  if (contains(kLeadsOf2, text[0])) length = 2;
  if (contains(kLeadsOf3, text[0])) length = 3;
  if (contains(kLeadsOf4, text[0])) length = 4;
  if (length == 0 || length > text.size()) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), follows) ? length
                                                                                                    : 0;
}

std::u32string fix_fully(std::u32string text, int depth);

/// Fixes misread sequences one by one, for texts of which only a part was misread.
std::u32string fix_parts(std::u32string_view text, int depth) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    const bool within = at > 0 && follows_strictly(text[at - 1]);
    for (std::size_t more = 1; !within && more > 0 && end < text.size(); end += more)
      more = misread_length(text.substr(end));
    const std::u32string_view part = text.substr(at, end - at);
    if (!part.empty() && part.size() < text.size() && is_bad(part)) {
      out += fix_fully(std::u32string(part), depth + 1);
    } else {
      out += part.empty() ? text.substr(at, 1) : part;
    }
    at += std::max<std::size_t>(part.size(), 1);
  }
  return out;
}

std::u32string plain_controls(std::u32string_view text) {
  std::u32string plain(text);
  for (char32_t& c : plain) {
    if (c >= 0x80 && c <= 0x9F) c = windows_1252(static_cast<unsigned char>(c));
  }
  return plain;
}

bool is_ascii(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x80; });
}

std::u32string fix_once(std::u32string_view text, int depth) {
  if (is_ascii(text) || !is_bad(text)) return std::u32string(text);
  for (std::size_t page = 0; page < kCodePages; ++page) {
    if (auto fixed = read_again(text, page)) return *fixed;
  }
  std::u32string fixed = depth < kDeepest ? fix_parts(text, depth) : std::u32string(text);
  return fixed != text ? fixed : plain_controls(text);
}

/// Repeats fix_once() until the text no longer changes, at most kFixRounds times, because text can be decoded
/// with the wrong encoding several times.
std::u32string fix_fully(std::u32string text, int depth) {
  for (int round = 0; round < kFixRounds; ++round) {
    std::u32string fixed = fix_once(text, depth);
    if (fixed == text) break;
    text = std::move(fixed);
  }
  return text;
}

}  // namespace

std::u32string fix_mojibake(std::u32string_view text) {
  return fix_fully(std::u32string(text), 0);
}

}  // namespace mkt::text
