#pragma once
// Writes and reads options as TOML: resolved.toml and --config.

#include <istream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace mkt::cli {

/// Formats a line "name = value\n"; returns "" for an empty string or list, because a missing option means
/// the same.
std::string toml_line(const std::string& name, const nlohmann::ordered_json& value);

/// A key and its values as strings: one value, or the items of a list.
using TomlEntry = std::pair<std::string, std::vector<std::string>>;

/// Reads the entries of a flat TOML file in line order. Throws std::runtime_error naming the line if the TOML
/// is invalid or a value is not a string, number, boolean or list of these.
std::vector<TomlEntry> read_toml(std::istream& file);

}  // namespace mkt::cli
