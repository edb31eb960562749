#include "cli/option_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/toml.h"

namespace mkt::cli {

Bounds at_least(double low) {
  Bounds bounds;
  bounds.low = low;
  return bounds;
}

Bounds between(double low, double high) {
  Bounds bounds;
  bounds.low = low;
  bounds.high = high;
  return bounds;
}

Bounds alone(std::string value) {
  Bounds bounds;
  bounds.alone = std::move(value);
  return bounds;
}

Bounds positional() {
  Bounds bounds;
  bounds.positional = true;
  return bounds;
}

nlohmann::ordered_json value_of(const Setting& setting) {
  return std::visit([](const auto* value) { return nlohmann::ordered_json(*value); }, setting.target);
}

void OptionList::add(Setting setting) {
  setting.group = group_;
  settings_.push_back(std::move(setting));
}

void OptionList::replace(std::string name, std::vector<std::string> others) {
  replacements_.push_back({std::move(name), std::move(others)});
}

bool OptionList::holds(std::string_view name) const {
  return std::any_of(settings_.begin(), settings_.end(),
                     [&](const Setting& setting) { return setting.name == name; });
}

std::string OptionList::replacement_of(const std::string& name) const {
  for (const Replacement& replacement : replacements_) {
    const auto& others = replacement.others;
    if (std::find(others.begin(), others.end(), name) != others.end()) return replacement.name;
  }
  return "";
}

std::string OptionList::toml() const {
  std::string text;
  for (const Setting& setting : settings_) text += toml_line(setting.name, value_of(setting));
  return text;
}

}  // namespace mkt::cli
