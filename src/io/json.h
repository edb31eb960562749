#pragma once
// Reads and writes JSON; finds repeated keys while JSON is read.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace mkt::io {

/// Serialises `value` as UTF-8 on one line, or indented by `indent` spaces per level if `indent` is not
/// negative. Invalid UTF-8 bytes become U+FFFD, so that file names in any encoding can be written.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);
std::string json_text(const nlohmann::json& value, int indent = -1);

/// Writes `value` and a line end to `path` atomically, and logs the path.
void write_json(const std::string& path, const nlohmann::ordered_json& value, int indent = 1);

/// Reads a JSON file that a program wrote, with the keys in the file's order (ordered_json) or sorted (json).
/// Null if the text is not JSON; nullopt if there is no such file.
template <typename Json = nlohmann::json>
std::optional<Json> read_json(const std::string& path);
extern template std::optional<nlohmann::json> read_json(const std::string& path);
extern template std::optional<nlohmann::ordered_json> read_json(const std::string& path);

/// Callback for nlohmann::json::parse (pass it with std::ref) that notes a key which an object has twice: the
/// parser would keep the last value and drop the other.
class KeyWatch {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& value);

  /// The first key that was repeated in one object, or "".
  const std::string& repeated() const { return repeated_; }

 private:
  std::vector<std::unordered_set<std::string>> keys_;  // of the objects that are open
  std::string repeated_;
};

}  // namespace mkt::io
