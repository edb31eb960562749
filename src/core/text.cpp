#include "core/text.h"

#include <cmath>
#include <iomanip>

namespace mkt {

std::string join(const std::vector<std::string>& items, std::string_view separator, std::size_t limit) {
  const std::size_t shown = limit == 0 ? items.size() : std::min(limit, items.size());
  std::ostringstream out;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out << separator;
    out << items[i];
  }
  if (shown < items.size()) out << separator << "… and " << items.size() - shown << " more";
  return out.str();
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
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

std::string duration_text(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (total < 60) return cat(total, " s");
  std::ostringstream out;
  out << std::setfill('0');
  if (total < 3600) {
    out << total / 60 << " min " << std::setw(2) << total % 60 << " s";
  } else {
    out << total / 3600 << " h " << std::setw(2) << total % 3600 / 60 << " min";
  }
  return out.str();
}

}  // namespace mkt
