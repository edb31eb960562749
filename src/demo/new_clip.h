#pragma once
// Creates a CLIP with random weights: both encoders and the logit scale.

#include "mkt/torch.h"

#include <vector>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::demo {

struct NewClip {
  clip::VisionEncoder visual{nullptr};
  clip::TextEncoder text{nullptr};
  torch::Tensor logit_scale;  ///< scalar, logarithm of the factor applied to the cosines

  /// Returns all parameters.
  std::vector<torch::Tensor> parameters() const;
};

/// Draws random weights from `seed` as in CLIP's initialisation, except for the position embeddings of the
/// vision encoder, which are sines and cosines of row and column. Source: OpenAI's model.py,
/// initialize_parameters.
NewClip make_new_clip(const clip::VisionOptions& vision, const clip::TextOptions& text, std::uint64_t seed);

/// Returns half-precision copies of all parameters under OpenAI's names.
weights::TensorMap half_state(const NewClip& clip);

}  // namespace mkt::demo
