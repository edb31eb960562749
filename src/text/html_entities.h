#pragma once
// The named character references of HTML 5, sorted by name. Source: Python's html.entities.html5.

#include <array>
#include <string_view>

namespace mkt::text {

/// A named reference and the one or two characters that it stands for.
struct HtmlEntity {
  std::string_view name;  ///< without "&" and ";"
  char32_t first;
  char32_t second;  ///< 0 if the reference stands for one character
  bool legacy;      ///< Whether browsers also recognise it without ";".
};

constexpr std::size_t kHtmlEntities = 2125;
extern const std::array<HtmlEntity, kHtmlEntities> kHtmlEntityTable;

}  // namespace mkt::text
