#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

namespace mkt::text {
namespace {

constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool contains(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

/// Whether a character has Unicode's property Cased: letters with case, and characters with the property
/// Other_Lowercase or Other_Uppercase.
bool is_cased(char32_t c) {
  static constexpr Range kOther[] = {{0xAA, 0xAA},     {0xBA, 0xBA},     {0x2B0, 0x2B8},   {0x2C0, 0x2C1},
                                     {0x2E0, 0x2E4},   {0x345, 0x345},   {0x37A, 0x37A},   {0x1D2C, 0x1D6A},
                                     {0x1D78, 0x1D78}, {0x1D9B, 0x1DBF}, {0x2071, 0x2071}, {0x207F, 0x207F},
                                     {0x2090, 0x209C}, {0x2160, 0x217F}, {0x24B6, 0x24E9}};
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT ||
         contains(kOther, c);
}

/// Whether a character has Unicode's property Case_Ignorable: marks, format characters, modifiers, and
/// punctuation within words.
bool is_case_ignorable(char32_t c) {
  constexpr std::u32string_view kWithinWords =
      U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_ME || kind == UTF8PROC_CATEGORY_CF ||
         kind == UTF8PROC_CATEGORY_LM || kind == UTF8PROC_CATEGORY_SK ||
         kWithinWords.find(c) != kWithinWords.npos;
}

/// Computes per character whether the nearest preceding character that is not Case_Ignorable is Cased.
std::vector<bool> follows_cased(std::u32string_view text) {
  std::vector<bool> result(text.size());
  bool cased = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result[i] = cased;
    if (!is_case_ignorable(text[i])) cased = is_cased(text[i]);
  }
  return result;
}

/// Sorts each run of combining marks by combining class in O(n log n); utf8proc's own sort is quadratic.
void order_marks(std::vector<utf8proc_int32_t>& characters) {
  const auto mark_class = [](utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; };
  for (auto begin = characters.begin(); begin != characters.end();) {
    begin = std::find_if(begin, characters.end(), [&](auto c) { return mark_class(c) != 0; });
    const auto end = std::find_if(begin, characters.end(), [&](auto c) { return mark_class(c) == 0; });
    std::stable_sort(begin, end, [&](auto a, auto b) { return mark_class(a) < mark_class(b); });
    begin = end;
  }
}

/// Normalises `text` with utf8proc; `options` are utf8proc's flags.
std::u32string composed(std::u32string_view text, int options) {
  constexpr std::size_t kLongest = 18;  // maximum length of a decomposition in characters
  const auto decomposing = static_cast<utf8proc_option_t>((options & ~UTF8PROC_COMPOSE) | UTF8PROC_DECOMPOSE);
  std::vector<utf8proc_int32_t> characters;
  characters.reserve(text.size() + kLongest);
  int boundary = 0;
  for (const char32_t c : text) {
    std::array<utf8proc_int32_t, kLongest> parts{};
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(), kLongest,
                                               decomposing, &boundary);
    if (count <= 0 || count > static_cast<utf8proc_ssize_t>(kLongest)) {
      characters.push_back(static_cast<utf8proc_int32_t>(c));
    } else {
      characters.insert(characters.end(), parts.begin(), parts.begin() + count);
    }
  }
  order_marks(characters);
  const auto size =
      utf8proc_normalize_utf32(characters.data(), static_cast<utf8proc_ssize_t>(characters.size()),
                               static_cast<utf8proc_option_t>(options));
  return {characters.begin(), characters.begin() + size};
}

}  // namespace

bool is_space(char32_t c) {
  if (c < 0x80) return c == U' ' || (c >= 0x9 && c <= 0xD) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || category(c) == UTF8PROC_CATEGORY_ZS || category(c) == UTF8PROC_CATEGORY_ZL ||
         category(c) == UTF8PROC_CATEGORY_ZP;
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c | 0x20) >= U'a' && (c | 0x20) <= U'z';
  return category(c) >= UTF8PROC_CATEGORY_LU && category(c) <= UTF8PROC_CATEGORY_LO;
}

bool is_number(char32_t c) {
  if (c < 0x80) return c >= U'0' && c <= U'9';
  return category(c) >= UTF8PROC_CATEGORY_ND && category(c) <= UTF8PROC_CATEGORY_NO;
}

char32_t windows_1252(unsigned char byte) {
  return byte >= 0x80 && byte <= 0x9F ? kWindows1252[byte - 0x80U] : byte;
}

int windows_1252_byte(char32_t character) {
  if (character <= 0xFF) return static_cast<int>(character);
  if (character > 0xFFFF) return -1;
  const auto* found = std::find(kWindows1252.begin(), kWindows1252.end(), static_cast<char16_t>(character));
  return found == kWindows1252.end() ? -1 : static_cast<int>(0x80 + (found - kWindows1252.begin()));
}

std::u32string lower_case(std::u32string_view text) {
  constexpr char32_t kDottedI = 0x130;
  constexpr char32_t kSigma = 0x3A3;
  std::u32string out;
  out.reserve(text.size());
  std::vector<bool> cased_before;
  std::vector<bool> cased_after;
  if (text.find(kSigma) != text.npos) {
    cased_before = follows_cased(text);
    cased_after = follows_cased(std::u32string(text.rbegin(), text.rend()));
    std::reverse(cased_after.begin(), cased_after.end());
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kDottedI) {
      out += U"i\u0307";
    } else if (text[i] == kSigma) {
      out.push_back(cased_before[i] && !cased_after[i] ? 0x3C2 : 0x3C3);
    } else {
      out.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i]))));
    }
  }
  return out;
}

std::u32string upper_case(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) {
    if (c == 0xDF) {
      out += U"SS";
    } else {
      out.push_back(static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return out;
}

std::u32string compose(std::u32string_view text) {
  const bool simple = std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; });
  return simple ? std::u32string(text) : composed(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::u32string compose_compatible(char32_t character) {
  return composed({&character, 1}, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
}

}  // namespace mkt::text
