#pragma once
// Captions of scenes, for the pre-training of a CLIP.

#include <string>
#include <vector>

#include "demo/world.h"
#include "mkt/core/random.h"

namespace mkt::demo {

/// A caption with some or all of a scene's objects, each with or without its colour and texture, and
/// sometimes the background: "a red star and a striped moon on grass". One in five has the form "there is …
/// in the scene".
std::string caption(const Scene& scene, KeyedRandom& random);

/// A caption of a scene with one object, mostly its shape only: "a star".
std::string bare_caption(const Scene& scene, KeyedRandom& random);

/// Sentences that together contain every word of the captions.
std::vector<std::string> all_words();

}  // namespace mkt::demo
