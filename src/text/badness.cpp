#include "text/badness.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "text/unicode.h"

namespace mkt::text {
namespace {

// Kinds of characters. Those from kLowerAccented to kCommon occur in mojibake; the others help to judge them.
enum Kind : unsigned {
  kC1 = 1U << 0U,
  kBad = 1U << 1U,
  kLaw = 1U << 2U,
  kCurrency = 1U << 3U,
  kStart = 1U << 4U,  // punctuation at the start of a quotation or a sentence
  kEnd = 1U << 5U,    // punctuation at the end, and marks that follow a word
  kNumeric = 1U << 6U,
  kFace = 1U << 7U,  // letters in emoticons
  kUpper = 1U << 8U,
  kLower = 1U << 9U,
  kUpperCommon = 1U << 10U,
  kLowerCommon = 1U << 11U,
  kBox = 1U << 12U,
  kCommon = 1U << 13U,
  kSpace = 1U << 14U,
  kWord = 1U << 15U,  // letters, numbers and "_"
  kAsciiLower = 1U << 16U,
  kAsciiLetter = 1U << 17U,
  kNoAsciiLetter = 1U << 18U,
};

/// The characters of a kind; "a-z" is a range.
struct Members {
  Kind kind;
  std::u32string_view characters;
};

constexpr Members kMembers[] = {
    {kC1, U"\u0080-\u009f"},
    {kBad, U"\u00a6\u00a4\u00a8\u00ac\u00af\u00b8\u0192\u02c6\u02c7\u02d8\u02db\u02dc†‡‰⌐◊\ufffdªº"},
    {kLaw, U"¶§"},
    {kCurrency, U"¢£¥₧€"},
    {kStart, U"¡«¿©\u0384\u0385‘‚“„•‹\uf8ff"},
    {kEnd, U"®»\u02dd”›™"},
    {kNumeric, U"²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№"},
    {kFace, U"Ò-ÖÙ-Üò-öø-üŐŌŪŲ°"},
    {kUpper, U"À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ"},
    {kLower, U"ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ"},
    {kUpperCommon, U"ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я"},
    {kLowerCommon, U"α-ωάέήίΰа-џ"},
    {kBox, U"│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓"},
    {kCommon, U"\u00a0\u00ad·´–—―…’"},
};

struct Range {
  char32_t first;
  char32_t last;
  unsigned kind;
};

std::vector<Range> ranges_of_kinds() {
  std::vector<Range> ranges;
  for (const auto& [kind, characters] : kMembers) {
    for (std::size_t i = 0; i < characters.size(); ++i) {
      const bool range = i + 2 < characters.size() && characters[i + 1] == U'-';
      ranges.push_back({characters[i], characters[range ? i + 2 : i], kind});
      if (range) i += 2;
    }
  }
  return ranges;
}

/// Returns the kinds of a character.
unsigned kinds_of(char32_t c) {
  static const std::vector<Range> ranges = ranges_of_kinds();
  unsigned kinds = 0;
  if (c >= 0x80) {
    for (const Range& range : ranges) {
      if (range.first <= c && c <= range.last) kinds |= range.kind;
    }
  }
  if (is_space(c)) kinds |= kSpace;
  if (is_letter(c) || is_number(c) || c == U'_') kinds |= kWord;
  if (c >= U'a' && c <= U'z') kinds |= kAsciiLower;
  return kinds | (c < 0x80 && is_letter(c) ? kAsciiLetter : kNoAsciiLetter);
}

/// A set of characters: those of some kinds, and others by name.
struct Set {
  unsigned kinds = 0;
  std::u32string_view others = {};
};

using Rule = std::vector<Set>;  // sets of consecutive characters

constexpr unsigned kAccented = kLower | kUpper;
constexpr unsigned kMarks = kAccented | kBox | kStart | kEnd | kCurrency | kNumeric | kLaw;

const std::vector<Rule>& general_rules() {
  static const std::vector<Rule> rules = {
      {{kC1}},
      {{kMarks | kBad}, {kBad}},
      {{kAsciiLetter}, {kLowerCommon | kUpperCommon}, {kBad}},
      {{kBad}, {kMarks}},
      {{kLower | kLowerCommon | kBox | kEnd | kCurrency | kNumeric}, {kUpper}},
      {{kBox | kEnd | kCurrency | kNumeric}, {kLower}},
      {{kLower | kBox | kEnd}, {kCurrency}},
      {{kSpace}, {kUpper}, {kCurrency}},
      {{kUpper | kBox}, {kNumeric | kLaw}},
      {{kAccented | kBox | kCurrency | kEnd}, {kStart}, {kNumeric}},
      {{kAccented | kCurrency | kNumeric | kBox | kLaw}, {kEnd}, {kStart}},
      {{kCurrency | kNumeric | kBox}, {kStart}},
      {{kAsciiLower}, {kUpper}, {kStart | kCurrency}},
      {{kBox}, {kFace}},
      {{kAccented | kCurrency | kNumeric | kStart | kEnd | kLaw}, {kBox}},
      {{kBox}, {kEnd}},
      {{kAccented}, {kStart | kEnd}, {kWord}},
      {{0, U"Œœ"}, {kNoAsciiLetter}},
      {{kUpper}, {0, U"°"}},
  };
  return rules;
}

/// Rules for sequences that are typical of one wrong encoding.
const std::vector<Rule>& special_rules() {
  constexpr unsigned kArabic = kCommon | kCurrency | kBad | kNumeric | kStart;
  constexpr std::u32string_view kArabicOthers = U"ŸŠ®°µ»";
  constexpr unsigned kCyrillic = kC1 | kBad | kStart | kEnd | kCurrency;
  static const std::vector<Rule> rules = {
      {{0, U"ÂÃÎÐ"}, {kStart | kEnd, U"€œŠš¢£Ÿž\u00a0\u00ad®©°·»–—´"}},
      {{0, U"×"}, {0, U"²³"}},
      {{0, U"ØÙ"}, {kArabic, kArabicOthers}, {0, U"ØÙ"}, {kArabic, kArabicOthers}},
      {{0, U"à"}, {0, U"²µ¹¼½¾"}},
      {{0, U"√"}, {0, U"±∂†≠®™´≤≥¥µø"}},
      {{0, U"≈"}, {0, U"°¢"}},
      {{0, U"‚"}, {0, U"Ä"}, {0, U"ìîïòôúùû†°¢π"}},
      {{0, U"‚"}, {0, U"âó"}, {0, U"àä°ê"}},
      {{0, U"в"}, {0, U"Ђ"}},
      {{0, U"ВГРС"}, {kCyrillic, U"°µ"}, {0, U"ВГРС"}},
      {{0, U"Г"}, {0, U"ў"}, {0, U"В"}, {0, U"Ђ"}, {0, U"В"}, {~0U}, {kAsciiLetter, U" "}},
      {{0, U"Ã"}, {0, U"\u00a0¡"}},
      {{kAsciiLower}, {0, U"ÃÂ"}, {0, U" "}},
      {{kAsciiLower}, {kSpace}, {0, U"ÃÂ"}, {0, U" "}},
      {{kAsciiLower | kEnd, U".,?!"}, {0, U"Â"}, {kStart | kEnd, U" "}},
      {{0, U"β"}, {0, U"€"}, {0, U"™\u00a0\u0386\u00ad®°"}},
      {{0, U"ΒΓΞΟ"}, {kCyrillic, U"°"}, {0, U"ΒΓΞΟ"}},
      {{0, U"ā"}, {0, U"€"}},
  };
  return rules;
}

/// A text with the kinds of its characters.
struct Kinds {
  std::u32string_view text;
  std::vector<unsigned> kinds;
};

bool matches(const Rule& rule, const Kinds& text, std::size_t at) {
  if (at + rule.size() > text.text.size()) return false;
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const Set& set = rule[i];
    const bool member = (text.kinds[at + i] & set.kinds) != 0 ||
                        set.others.find(text.text[at + i]) != std::u32string_view::npos;
    if (!member) return false;
  }
  return true;
}

bool matches_any(const std::vector<Rule>& rules, const Kinds& text) {
  for (std::size_t at = 0; at < text.text.size(); ++at) {
    const auto here = [&](const Rule& rule) { return matches(rule, text, at); };
    if (std::any_of(rules.begin(), rules.end(), here)) return true;
  }
  return false;
}

}  // namespace

bool is_bad(std::u32string_view text) {
  Kinds classified{text, {}};
  classified.kinds.reserve(text.size());
  for (const char32_t c : text) classified.kinds.push_back(kinds_of(c));
  const bool starts_cut = text.size() >= 2 && (text[0] == U'Ã' || text[0] == U'Â') && text[1] == U' ';
  return starts_cut || matches_any(general_rules(), classified) || matches_any(special_rules(), classified);
}

}  // namespace mkt::text
