#pragma once
// HTML 5's named character references, sorted by name. Source: Python's html.entities.html5.

#include <array>
#include <string_view>

namespace mkt::text {

/// A named character reference and its expansion to one or two characters.
struct HtmlEntity {
  std::string_view name;  ///< without "&" and ";"
  char32_t first;
  char32_t second;  ///< 0 if the reference expands to one character
  bool legacy;      ///< whether browsers also recognise the name without ";"
};

constexpr std::size_t kHtmlEntities = 2125;
extern const std::array<HtmlEntity, kHtmlEntities> kHtmlEntityTable;

}  // namespace mkt::text
