#pragma once
// A CLIP to train from nothing: both encoders and the scale between them.

#include "mkt/torch.h"

#include <vector>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::demo {

struct NewClip {
  clip::VisionEncoder visual{nullptr};
  clip::TextEncoder text{nullptr};
  torch::Tensor logit_scale;  ///< scalar, the logarithm of what cosines are multiplied by

  /// All that trains.
  std::vector<torch::Tensor> parameters() const;
};

/// Weights drawn from `seed` as CLIP begins, but for the image positions, which begin as sines of row and
/// column. Source: OpenAI's model.py, initialize_parameters.
NewClip make_new_clip(const clip::VisionOptions& vision, const clip::TextOptions& text, std::uint64_t seed);

/// Half-precision copies under OpenAI's names.
weights::TensorMap half_state(const NewClip& clip);

}  // namespace mkt::demo
