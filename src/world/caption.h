#pragma once
// Generates captions for scenes, to pre-train a CLIP.

#include <string>
#include <vector>

#include "mkt/core/random.h"
#include "world/world.h"

namespace mkt::demo {

/// Generates a caption with some or all objects in a scene, each with or without its colour and texture, and
/// sometimes the background: "a red star and a striped moon on grass". One caption in five has the form
/// "there is … in the scene".
std::string caption(const Scene& scene, KeyedRandom& random);

/// Generates a caption for a scene with one object, usually with the shape only: "a star".
std::string bare_caption(const Scene& scene, KeyedRandom& random);

/// Returns sentences that together contain every word used in the captions of a world.
std::vector<std::string> all_words(WorldKind kind);

}  // namespace mkt::demo
