#pragma once
// A CLIP with random weights: both encoders and the logit scale.

#include "mkt/torch.h"

#include <vector>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::demo {

struct NewClip {
  clip::VisionEncoder visual{nullptr};
  clip::TextEncoder text{nullptr};
  torch::Tensor logit_scale;  ///< scalar, logarithm of the factor of the cosines

  /// All parameters.
  std::vector<torch::Tensor> parameters() const;
};

/// Draws weights from `seed` as CLIP's initialisation does, except for the image positions, which are sines
/// and cosines of row and column. Source: OpenAI's model.py, initialize_parameters.
NewClip make_new_clip(const clip::VisionOptions& vision, const clip::TextOptions& text, std::uint64_t seed);

/// Half-precision copies of all parameters under OpenAI's names.
weights::TensorMap half_state(const NewClip& clip);

}  // namespace mkt::demo
