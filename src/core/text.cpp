#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace mkt {

std::string join(const std::vector<std::string>& items, std::string_view separator, std::size_t limit) {
  const std::size_t shown = limit == 0 ? items.size() : std::min(limit, items.size());
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += separator;
    text += items[i];
  }
  if (shown < items.size()) text += fmt::format("{}… and {} more", separator, items.size() - shown);
  return text;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string trim(std::string_view text) {
  return std::string(trimmed(text));
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string fixed_text(double value, int digits) {
  return fmt::format("{:.{}f}", value, digits);
}

std::string duration_text(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  return fmt::format("{} h {:02} min", total / 3600, total % 3600 / 60);
}

}  // namespace mkt
