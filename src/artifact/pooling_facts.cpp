#include "artifact/pooling_facts.h"

#include <cmath>

namespace mkt::artifact {

using nlohmann::ordered_json;

ordered_json pooling_json(const model::LocalPooling& pooling) {
  if (pooling.kind == model::Pooling::kTopk) return {{"topk", pooling.topk}};
  return {{"local", enum_name(pooling.kind)}, {"local_scale", pooling.scale}};
}

std::optional<model::LocalPooling> parse_pooling(const ordered_json& object) {
  if (!object.is_object()) return std::nullopt;
  if (!object.contains("local")) {
    const ordered_json topk = object.value("topk", ordered_json());
    if (!topk.is_number_integer()) return std::nullopt;
    return model::LocalPooling(topk.get<std::int64_t>());
  }
  const ordered_json& kind = object["local"];
  const ordered_json scale = object.value("local_scale", ordered_json());
  const auto known = kind.is_string() ? enum_value<model::Pooling>(kind.get<std::string>())
                                      : std::optional<model::Pooling>();
  const bool right = known && *known != model::Pooling::kTopk && scale.is_number() && scale.get<double>() > 0;
  if (!right) return std::nullopt;
  return model::LocalPooling(*known, scale.get<double>());
}

}  // namespace mkt::artifact
