#include "io/json.h"

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

}  // namespace mkt::io
