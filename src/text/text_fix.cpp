#include "text/text_fix.h"

#include <algorithm>
#include <utility>

#include "text/html_text.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

std::u32string_view ligature_parts(char32_t c) {
  constexpr std::pair<char32_t, std::u32string_view> kLigatures[] = {
      {0x132, U"IJ"},       {0x133, U"ij"},  {0x149, U"\u02BCn"}, {0x1C4, U"D\u017D"}, {0x1C5, U"D\u017E"},
      {0x1C6, U"d\u017E"},  {0x1C7, U"LJ"},  {0x1C8, U"Lj"},      {0x1C9, U"lj"},      {0x1CA, U"NJ"},
      {0x1CB, U"Nj"},       {0x1CC, U"nj"},  {0x1F1, U"DZ"},      {0x1F2, U"Dz"},      {0x1F3, U"dz"},
      {0xFB00, U"ff"},      {0xFB01, U"fi"}, {0xFB02, U"fl"},     {0xFB03, U"ffi"},    {0xFB04, U"ffl"},
      {0xFB05, U"\u017Ft"}, {0xFB06, U"st"}};
  for (const auto& [ligature, parts] : kLigatures) {
    if (ligature == c) return parts;
  }
  return {};
}

bool is_removed(char32_t c) {
  return c <= 0x8 || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || (c >= 0x206A && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

/// Appends the plain form of one character: normalises C1 controls, ligatures, full-width and half-width
/// characters, and quotes.
void append_plain(char32_t c, std::u32string& out) {
  if (c >= 0x80 && c <= 0x9F) c = windows_1252(static_cast<unsigned char>(c));
  if (const auto parts = ligature_parts(c); !parts.empty()) {
    out += parts;
  } else if (c == 0x3000) {
    out.push_back(U' ');
  } else if (c >= 0xFF01 && c <= 0xFFEF) {
    out += compose_compatible(c);
  } else if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B)) {
    out.push_back(U'\'');
  } else if (c >= 0x201C && c <= 0x201F) {
    out.push_back(U'"');
  } else {
    out.push_back(c);
  }
}

std::u32string plain_characters(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) {
    if (c < 0x80) {
      out.push_back(c);
    } else {
      append_plain(c, out);
    }
  }
  // The ligature "ŉ" expands to an apostrophe (U+02BC) and "n"; the apostrophe is straightened too.
  std::replace(out.begin(), out.end(), char32_t{0x2BC}, U'\'');
  return out;
}

std::u32string plain_line_breaks(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n') continue;
    const bool breaks = c == U'\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
    out.push_back(breaks ? U'\n' : c);
  }
  return out;
}

/// Returns the length of the terminal escape sequence (ESC [, digits and semicolons, a letter) at the start
/// of `text`, or 0.
std::size_t terminal_escape(std::u32string_view text) {
  if (text.size() < 3 || text[0] != 0x1B || text[1] != U'[') return 0;
  std::size_t i = 2;
  while (i < text.size() && ((text[i] >= U'0' && text[i] <= U'9') || text[i] == U';')) ++i;
  return i < text.size() && text[i] < 0x80 && is_letter(text[i]) ? i + 1 : 0;
}

std::u32string without_controls(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t escape = terminal_escape(text.substr(i));
    if (escape == 0 && !is_removed(text[i])) out.push_back(text[i]);
    i += std::max<std::size_t>(escape, 1);
  }
  return out;
}

std::u32string fix_line(std::u32string_view line, bool unescape) {
  std::u32string text(line);
  for (int round = 0; round < kFixRounds; ++round) {
    std::u32string fixed = unescape ? unescape_html_strictly(text) : text;
    fixed = plain_characters(fix_mojibake(fixed));  // before quotes are straightened, which mojibake contains
    fixed = compose(without_controls(plain_line_breaks(fixed)));
    if (fixed == text) break;
    text = std::move(fixed);
  }
  return text;
}

}  // namespace

std::u32string fix_text(std::u32string_view text) {
  std::u32string out;
  bool unescape = true;  // false from the first line with "<" on: in real HTML, references are intended
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(U'\n', start), text.size() - 1) + 1;
    const std::u32string_view line = text.substr(start, end - start);
    unescape = unescape && line.find(U'<') == line.npos;
    out += fix_line(line, unescape);
    start = end;
  }
  return out;
}

}  // namespace mkt::text
