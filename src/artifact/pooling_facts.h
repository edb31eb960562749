#pragma once
// How files state the pooling of patches: "topk" alone for the published one, which earlier versions read
// too; "local" (a kind) and "local_scale" for the others.

#include <nlohmann/json.hpp>
#include <optional>

#include "mkt/model/pooling.h"

namespace mkt::artifact {

/// Formats the pooling as members of a JSON object.
nlohmann::ordered_json pooling_json(const model::LocalPooling& pooling);

/// Reads the pooling from the members of a JSON object; nullopt if they do not state one.
std::optional<model::LocalPooling> parse_pooling(const nlohmann::ordered_json& object);

}  // namespace mkt::artifact
