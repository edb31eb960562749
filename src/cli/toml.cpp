#include "cli/toml.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "core/text.h"
#include "io/json.h"
#include "io/text_stream.h"
#include "mkt/core/error.h"

namespace mkt::cli {
namespace {

using nlohmann::ordered_json;

bool is_empty(const ordered_json& value) {
  return (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (value.is_array() && value.empty());
}

/// Formats a string; uses a literal TOML string if a basic one would need escapes.
std::string text_value(const std::string& text) {
  const bool literal =
      text.find_first_of("\"\\") != std::string::npos && text.find_first_of("\r\n") == std::string::npos;
  auto flags = toml::format_flags::allow_unicode_strings;
  if (literal) flags |= toml::format_flags::allow_literal_strings;
  std::ostringstream out;
  const toml::value<std::string> value(text);
  out << toml::toml_formatter{value, flags};
  return out.str();
}

std::string toml_value(const ordered_json& value) {
  if (value.is_string()) return text_value(value.get_ref<const std::string&>());
  if (!value.is_array()) return io::json_text(value);  // shortest text that parses to the same number
  std::vector<std::string> items;
  for (const auto& item : value) items.push_back(toml_value(item));
  return "[" + join(items, ", ") + "]";
}

/// Formats a floating-point number. Whole numbers keep a decimal point, so that TOML does not read them as
/// integers.
std::string number_text(double value) {
  return io::json_text(ordered_json(value));
}

std::string scalar_text(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return number_text(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  throw std::runtime_error(fmt::format(
      "line {}: {}: expected a text, a number, true or false, or a list of these, got another value.",
      static_cast<unsigned>(node.source().begin.line), key));
}

std::vector<std::string> texts_of(const std::string& key, const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return {scalar_text(key, node)};
  std::vector<std::string> texts;
  for (const toml::node& item : *list) texts.push_back(scalar_text(key, item));
  return texts;
}

toml::table parse(std::istream& file) {
  try {
    io::TextStream text(file, "the file");
    return toml::parse(io::rest_of(text));
  } catch (const toml::parse_error& error) {
    throw std::runtime_error(fmt::format("line {}: expected TOML: {}.",
                                         static_cast<unsigned>(error.source().begin.line),
                                         std::string(error.description())));
  } catch (const c10::Error& error) {
    throw std::runtime_error(one_line(error));
  }
}

}  // namespace

std::string toml_line(const std::string& name, const ordered_json& value) {
  return is_empty(value) ? "" : fmt::format("{} = {}\n", name, toml_value(value));
}

std::vector<TomlEntry> read_toml(std::istream& file) {
  const toml::table table = parse(file);
  std::vector<std::pair<unsigned, TomlEntry>> lines;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    lines.push_back({static_cast<unsigned>(node.source().begin.line), {name, texts_of(name, node)}});
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TomlEntry> entries;
  for (auto& line : lines) entries.push_back(std::move(line.second));
  return entries;
}

}  // namespace mkt::cli
