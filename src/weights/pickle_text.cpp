#include "weights/pickle_text.h"

#include <charconv>
#include <cstddef>

#include "core/utf8.h"

namespace mkt::weights {
namespace {

bool parse_hex(std::string_view text, std::uint32_t* value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *value, 16);
  return !text.empty() && parsed.ec == std::errc() && parsed.ptr == end;
}

/// Returns the character for a one-letter escape, or '\0' if there is no such escape.
char simple_escape(char letter) {
  constexpr std::string_view kLetters = "\\'\"nrtabfv";
  constexpr std::string_view kMeant = "\\'\"\n\r\t\a\b\f\v";
  const std::size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? '\0' : kMeant[at];
}

}  // namespace

bool parse_int(std::string_view text, std::int64_t* value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *value);
  return !text.empty() && parsed.ec == std::errc() && parsed.ptr == end;
}

bool unquote(std::string_view literal, std::string* text) {
  if (literal.size() < 2 || literal.front() != literal.back()) return false;
  if (literal.front() != '\'' && literal.front() != '"') return false;
  const std::string_view body = literal.substr(1, literal.size() - 2);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      text->push_back(body[i]);
      continue;
    }
    if (++i == body.size()) return false;
    std::uint32_t code = 0;
    if (body[i] == 'x') {
      if (body.size() - i < 3 || !parse_hex(body.substr(i + 1, 2), &code)) return false;
      text->push_back(static_cast<char>(code));
      i += 2;
    } else if (const char meant = simple_escape(body[i]); meant != '\0') {
      text->push_back(meant);
    } else {
      return false;
    }
  }
  return true;
}

std::string unescape_unicode(std::string_view escaped) {
  std::string text;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const std::string_view rest = escaped.substr(i);
    const std::size_t digits = rest.substr(0, 2) == "\\u" ? 4 : rest.substr(0, 2) == "\\U" ? 8 : 0;
    std::uint32_t code = static_cast<std::uint8_t>(escaped[i]);
    if (digits > 0 && rest.size() >= 2 + digits && parse_hex(rest.substr(2, digits), &code)) i += 1 + digits;
    append_utf8(code, text);
  }
  return text;
}

bool to_latin1(std::string_view utf8, std::string* bytes) {
  for (const char32_t character : decode_utf8(utf8)) {
    if (character > 0xFF) return false;
    bytes->push_back(static_cast<char>(character));
  }
  return true;
}

}  // namespace mkt::weights
