#pragma once
// Writes JSON.

#include <nlohmann/json.hpp>
#include <string>

namespace mkt::io {

/// Serialises `value` as UTF-8 on one line, or indented by `indent` spaces per level if `indent` is not
/// negative. Invalid UTF-8 bytes become U+FFFD, so that file names in any encoding can be written.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);
std::string json_text(const nlohmann::json& value, int indent = -1);

/// Writes `value` and a line end to `path` atomically, and logs the path.
void write_json(const std::string& path, const nlohmann::ordered_json& value, int indent = 1);

}  // namespace mkt::io
