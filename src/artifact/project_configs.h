#pragma once
// Configurations in the form of other projects.

#include <nlohmann/json.hpp>

#include "mkt/clip/weights.h"

namespace mkt::artifact {

/// The contents of open_clip's open_clip_config.json.
nlohmann::ordered_json open_clip_config(const clip::Weights& weights);
/// The contents of Hugging Face's config.json.
nlohmann::ordered_json hugging_face_config(const clip::Weights& weights);
/// The contents of Hugging Face's preprocessor_config.json.
nlohmann::ordered_json preprocessor_config(const clip::Weights& weights);

}  // namespace mkt::artifact
