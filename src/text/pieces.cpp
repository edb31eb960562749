#include "text/pieces.h"

#include <algorithm>

#include "core/utf8.h"
#include "text/text_clean.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

/// Whether `text`, which must be in lower case, begins with `start`. "ſ" matches "s", as in a
/// case-insensitive comparison.
bool begins_with(std::u32string_view text, std::u32string_view start) {
  constexpr char32_t kLongS = 0x17F;
  const auto same = [](char32_t a, char32_t b) { return a == b || (a == U's' && b == kLongS); };
  return text.size() >= start.size() && std::equal(start.begin(), start.end(), text.begin(), same);
}

bool is_other(char32_t c) {
  return !is_space(c) && !is_letter(c) && !is_number(c);
}

/// Returns the length of the match for CLIP's pattern at the start of `text`, which must not be empty or
/// begin with white space: 's|'t|'re|'ve|'m|'ll|'d, letters, one number, or a run of other characters.
std::size_t piece_length(std::u32string_view text) {
  constexpr std::u32string_view kContractions[] = {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};
  for (const auto contraction : kContractions) {
    if (begins_with(text, contraction)) return contraction.size();
  }
  if (is_number(text[0])) return 1;
  const auto end = is_letter(text[0]) ? std::find_if_not(text.begin(), text.end(), is_letter)
                                      : std::find_if_not(text.begin(), text.end(), is_other);
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

std::vector<std::u32string_view> pieces_of(std::u32string_view cleaned) {
  std::vector<std::u32string_view> pieces;
  while (!cleaned.empty()) {
    if (is_space(cleaned[0])) {
      cleaned.remove_prefix(1);
      continue;
    }
    pieces.push_back(cleaned.substr(0, piece_length(cleaned)));
    cleaned.remove_prefix(pieces.back().size());
  }
  return pieces;
}

std::string token_text(std::string_view label) {
  const std::u32string cleaned = clean_text(label);
  std::string text;
  for (const std::u32string_view piece : pieces_of(cleaned)) {
    if (!text.empty()) text += ' ';
    text += encode_utf8(piece);
  }
  return text;
}

}  // namespace mkt::text
