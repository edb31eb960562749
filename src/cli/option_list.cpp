#include "cli/option_list.h"
#include "io/json.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace mkt::cli {
namespace {

/// Empty texts and lists cannot be written as values that CLI11 reads back; absence means the same.
bool is_empty(const nlohmann::ordered_json& value) {
  return (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (value.is_array() && value.empty());
}

/// CLI11 knows no escapes: a text with double quotes or backslashes is written as TOML's literal string.
std::string toml_value(const nlohmann::ordered_json& value) {
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(toml_value(item));
    return "[" + join(items, ", ") + "]";
  }
  if (!value.is_string()) return io::json_text(value);
  const auto& text = value.get_ref<const std::string&>();
  const bool literal = text.find_first_of("\"\\") != std::string::npos;
  return literal ? "'" + text + "'" : "\"" + text + "\"";
}

}  // namespace

nlohmann::ordered_json value_of(const Option& option) {
  return std::visit([](const auto* field) { return nlohmann::ordered_json(*field); }, option.target);
}

OptionList& OptionList::group(std::string title) {
  group_ = std::move(title);
  return *this;
}

OptionList& OptionList::add(std::string name, Option::Target target, std::string help, Bounds bounds) {
  options_.push_back({std::move(name), target, std::move(help), std::move(bounds), group_, false});
  return *this;
}

OptionList& OptionList::require(std::string name, Option::Target target, std::string help, Bounds bounds) {
  options_.push_back({std::move(name), target, std::move(help), std::move(bounds), group_, true});
  return *this;
}

OptionList& OptionList::replace(std::string name, std::vector<std::string> others) {
  replacements_.push_back({std::move(name), std::move(others)});
  return *this;
}

std::string OptionList::replacement_of(const std::string& name) const {
  for (const Replacement& replacement : replacements_) {
    const auto& others = replacement.others;
    if (std::find(others.begin(), others.end(), name) != others.end()) return replacement.name;
  }
  return "";
}

std::string OptionList::toml() const {
  const nlohmann::ordered_json values = json();
  std::string text;
  for (const auto& [name, value] : values.items()) {
    if (!is_empty(value)) text += name + " = " + toml_value(value) + "\n";
  }
  return text;
}

nlohmann::ordered_json OptionList::json() const {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (const Option& option : options_) {
    values[option.name] = value_of(option);
  }
  return values;
}

}  // namespace mkt::cli
