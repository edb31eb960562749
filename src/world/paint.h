#pragma once
// Paints scenes as images.

#include <torch/types.h>

#include "mkt/core/random.h"
#include "world/world.h"

namespace mkt::demo {

/// Paints a scene as an image (kImageSize, kImageSize, 3) uint8 RGB: a patterned background, clutter, the
/// objects, noise. All randomness comes from `random`. Thread-safe.
torch::Tensor paint(const Scene& scene, KeyedRandom random);

}  // namespace mkt::demo
