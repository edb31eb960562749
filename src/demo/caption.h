#pragma once
// Sentences about scenes, to pre-train a CLIP on.

#include <string>
#include <vector>

#include "demo/world.h"
#include "mkt/core/random.h"

namespace mkt::demo {

/// Names some or all of a scene's objects, each with or without its colour and texture, and now and then the
/// background: "a red star and a striped moon on grass". A fifth read "there is … in the scene".
std::string caption(const Scene& scene, KeyedRandom& random);

/// Names the only object of a scene, mostly by its shape alone: "a star".
std::string bare_caption(const Scene& scene, KeyedRandom& random);

/// Sentences that hold between them every word that captions are made of.
std::vector<std::string> all_words();

}  // namespace mkt::demo
