#include "io/json.h"

#include <filesystem>
#include <fstream>
#include <ostream>

#include "core/log.h"
#include "io/atomic_file.h"

namespace mkt::io {
namespace {

template <typename Json>
std::string dumped(const Json& value, int indent) {
  return value.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace

std::string json_text(const nlohmann::ordered_json& value, int indent) {
  return dumped(value, indent);
}

std::string json_text(const nlohmann::json& value, int indent) {
  return dumped(value, indent);
}

void write_json(const std::string& path, const nlohmann::ordered_json& value, int indent) {
  write_atomically(path, [&](std::ostream& out) { out << json_text(value, indent) << "\n"; });
  log::info("wrote {}", path);
}

template <typename Json>
std::optional<Json> read_json(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  Json value = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) value = nullptr;
  return value;
}

template std::optional<nlohmann::json> read_json(const std::string& path);
template std::optional<nlohmann::ordered_json> read_json(const std::string& path);

bool KeyWatch::operator()(int /*depth*/, nlohmann::json::parse_event_t event, nlohmann::json& value) {
  using Event = nlohmann::json::parse_event_t;
  if (event == Event::object_start) keys_.emplace_back();
  if (event == Event::object_end) keys_.pop_back();
  if (event == Event::key) {
    const auto& key = value.get_ref<const std::string&>();
    if (!keys_.back().insert(key).second && repeated_.empty()) repeated_ = key;
  }
  return true;
}

}  // namespace mkt::io
