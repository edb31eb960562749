#include "text/html_text.h"

#include <algorithm>
#include <cstdint>

#include "core/utf8.h"
#include "text/html_entities.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

constexpr std::size_t kLongestName = 32;

bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_upper(char32_t c) {
  return c >= U'A' && c <= U'Z';
}
bool is_lower(char32_t c) {
  return c >= U'a' && c <= U'z';
}
bool is_alphanumeric(char32_t c) {
  return is_digit(c) || is_upper(c) || is_lower(c);
}

/// Returns a hexadecimal digit's value, or 16 for any other character.
std::uint32_t digit_value(char32_t c) {
  if (is_digit(c)) return c - U'0';
  const char32_t lower = c | 0x20;
  return lower >= U'a' && lower <= U'f' ? lower - U'a' + 10 : 16;
}

/// Finds the entity with this name (without "&" and ";"), or returns nullptr.
const HtmlEntity* find_entity(std::u32string_view name) {
  std::string narrow;
  for (const char32_t c : name) {
    if (!is_alphanumeric(c)) return nullptr;
    narrow.push_back(static_cast<char>(c));
  }
  const auto* found =
      std::lower_bound(kHtmlEntityTable.begin(), kHtmlEntityTable.end(), narrow,
                       [](const HtmlEntity& entity, const std::string& key) { return entity.name < key; });
  return found != kHtmlEntityTable.end() && found->name == narrow ? found : nullptr;
}

void append(const HtmlEntity& entity, std::u32string& out) {
  out.push_back(entity.first);
  if (entity.second != 0) out.push_back(entity.second);
}

/// Finds the entity for the longest proper prefix of `name` that is recognised without a semicolon, or
/// returns nullptr.
const HtmlEntity* find_legacy_prefix(std::u32string_view name) {
  for (std::size_t length = name.size(); length-- > 2;) {
    const HtmlEntity* entity = find_entity(name.substr(0, length));
    if (entity != nullptr && entity->legacy) return entity;
  }
  return nullptr;
}

bool is_forbidden(std::uint32_t code) {
  return (code >= 0x1 && code <= 0x8) || code == 0xB || (code >= 0xE && code <= 0x1F) ||
         (code >= 0x7F && code <= 0x9F) || (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
}

void append_code(std::uint32_t code, std::u32string& out) {
  if (code >= 0x80 && code <= 0x9F) {
    out.push_back(windows_1252(static_cast<unsigned char>(code)));
  } else if (code == 0 || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) {
    out.push_back(kReplacement);
  } else if (!is_forbidden(code)) {
    out.push_back(code);
  }
}

/// Parses a numeric reference after "&#" and appends its character to `out`; returns the number of characters
/// consumed, 0 if there is no reference.
std::size_t unescape_number(std::u32string_view rest, std::u32string& out) {
  const bool hex = !rest.empty() && (rest[0] == U'x' || rest[0] == U'X');
  const std::uint32_t base = hex ? 16 : 10;
  const std::size_t start = hex ? 1 : 0;
  std::size_t end = start;
  std::uint32_t code = 0;
  for (; end < rest.size() && digit_value(rest[end]) < base; ++end) {
    code = std::min<std::uint32_t>(code * base + digit_value(rest[end]), 0x110000);
  }
  if (end == start) return 0;
  append_code(code, out);
  return end < rest.size() && rest[end] == U';' ? end + 1 : end;
}

/// Parses a named reference after "&" and appends its characters to `out`; returns the number of characters
/// consumed, 0 if there is no reference.
std::size_t unescape_name(std::u32string_view rest, std::u32string& out) {
  constexpr std::u32string_view kEnds = U"\t\n\f <&#;";
  const std::size_t length = std::min({rest.find_first_of(kEnds), rest.size(), kLongestName});
  const std::u32string_view name = rest.substr(0, length);
  const bool semicolon = length < rest.size() && rest[length] == U';';
  const HtmlEntity* whole = find_entity(name);
  if (whole != nullptr && (semicolon || whole->legacy)) {
    append(*whole, out);
    return length + (semicolon ? 1 : 0);
  }
  const HtmlEntity* beginning = find_legacy_prefix(name);
  if (beginning == nullptr) return 0;
  append(*beginning, out);
  return beginning->name.size();
}

/// Expands the upper-case spelling of a lower-case entity name, unless browsers recognise a prefix of it.
bool unescape_upper_case(std::u32string_view name, std::u32string& out) {
  if (std::any_of(name.begin(), name.end(), is_lower) || find_legacy_prefix(name) != nullptr) return false;
  std::u32string lower(name);
  for (char32_t& c : lower) c = is_upper(c) ? c | 0x20 : c;
  const HtmlEntity* entity = find_entity(lower);
  if (entity == nullptr) return false;
  std::u32string value;
  append(*entity, value);
  out += upper_case(value);
  return true;
}

/// Parses a reference after "&" as ftfy does; returns the number of characters consumed, 0 if there is no
/// reference.
std::size_t unescape_strictly(std::u32string_view rest, std::u32string& out) {
  constexpr std::size_t kLongest = 24;
  const bool numeric = !rest.empty() && rest[0] == U'#';
  const std::size_t start = numeric ? 1 : 0;
  std::size_t end = start;
  while (end < rest.size() && end - start < kLongest && is_alphanumeric(rest[end])) ++end;
  if (end == start || end == rest.size() || rest[end] != U';') return 0;
  if (numeric) {
    std::u32string value;
    if (unescape_number(rest.substr(1), value) != end || value == U";") return 0;
    out += value;
    return end + 1;
  }
  const std::u32string_view name = rest.substr(0, end);
  if (const HtmlEntity* entity = find_entity(name)) {
    append(*entity, out);
  } else if (!unescape_upper_case(name, out)) {
    return 0;
  }
  return end + 1;
}

template <typename Read>
std::u32string replace_references(std::u32string_view text, const Read& read) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t next = std::min(text.find(U'&', i), text.size());
    out.append(text, i, next - i);
    if (next == text.size()) break;
    const std::size_t used = read(text.substr(next + 1), out);
    if (used == 0) out.push_back(U'&');
    i = next + 1 + used;
  }
  return out;
}

}  // namespace

std::u32string unescape_html(std::u32string_view text) {
  return replace_references(text, [](std::u32string_view rest, std::u32string& out) {
    if (rest.empty() || rest[0] != U'#') return unescape_name(rest, out);
    const std::size_t used = unescape_number(rest.substr(1), out);
    return used == 0 ? used : used + 1;
  });
}

std::u32string unescape_html_strictly(std::u32string_view text) {
  return replace_references(text, unescape_strictly);
}

}  // namespace mkt::text
