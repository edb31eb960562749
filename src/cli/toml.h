#pragma once
// Options as TOML: resolved.toml is written by it, --config read.

#include <istream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace mkt::cli {

/// "name = value\n"; "" for an empty text or list, because a missing option means the same.
std::string toml_line(const std::string& name, const nlohmann::ordered_json& value);

/// A key and its value's texts: one, or those of a list.
using TomlEntry = std::pair<std::string, std::vector<std::string>>;

/// The entries of a flat TOML file in the order of their lines. Throws std::runtime_error naming the line for
/// invalid TOML, and for a value that is not a text, number, boolean or list of these.
std::vector<TomlEntry> read_toml(std::istream& file);

}  // namespace mkt::cli
