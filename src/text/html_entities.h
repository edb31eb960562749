#pragma once
// The named character references of HTML 5, sorted by name.

#include <array>
#include <string_view>

namespace mkt::text {

struct HtmlEntity {
  std::string_view name;  // without "&" and ";"
  char32_t first;
  char32_t second;  // 0: one character only
  bool legacy;      // also known without ";"
};

constexpr std::size_t kHtmlEntities = 2125;
extern const std::array<HtmlEntity, kHtmlEntities> kHtmlEntityTable;

}  // namespace mkt::text
