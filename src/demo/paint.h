#pragma once
// From a scene to pixels.

#include <torch/types.h>

#include "demo/world.h"
#include "mkt/core/random.h"

namespace mkt::demo {

/// The scene as a picture, (kPictureSize, kPictureSize, 3) uint8 RGB: a background with a pattern of its own,
/// stray lines, the objects, noise. What is left to chance comes from `random`. Thread-safe.
torch::Tensor paint(const Scene& scene, KeyedRandom random);

}  // namespace mkt::demo
