#pragma once
// Names of enum values. One table per enum serves option parsing, help, shell completion, files and messages.

#include <c10/util/Exception.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mkt {

/// Specialise this template next to the enum, with a member
///   static constexpr NameTable<Enum, N> kTable{{{Enum::kFirst, "first"}, …}};
/// A value may have several names; enum_name returns the first.
template <typename Enum>
struct Names;

template <typename Enum, std::size_t N>
using NameTable = std::array<std::pair<Enum, const char*>, N>;

/// Returns the first name of `value`.
template <typename Enum>
std::string enum_name(Enum value) {
  for (const auto& [entry, name] : Names<Enum>::kTable) {
    if (entry == value) return name;
  }
  TORCH_INTERNAL_ASSERT(false, "an enum value without a name");
}

/// Returns all names in table order.
template <typename Enum>
std::vector<std::string> enum_names() {
  std::vector<std::string> names;
  for (const auto& entry : Names<Enum>::kTable) names.emplace_back(entry.second);
  return names;
}

/// Returns the value with this name, or nullopt.
template <typename Enum>
std::optional<Enum> enum_value(std::string_view name) {
  for (const auto& [value, entry] : Names<Enum>::kTable) {
    if (entry == name) return value;
  }
  return std::nullopt;
}

}  // namespace mkt
