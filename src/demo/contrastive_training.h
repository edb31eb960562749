#pragma once
// Pre-training of a small CLIP on pictures with captions. Source: Radford et al., arXiv 2103.00020.

#include "mkt/torch.h"

#include <functional>
#include <string>

#include "demo/new_clip.h"
#include "session/runtime.h"

namespace mkt::demo {

struct CaptionedImages {
  torch::Tensor images;  ///< (B, 3, H, H) uint8
  torch::Tensor ids;     ///< (B, L) int64, as the text encoder takes them
};

struct ContrastiveOptions {
  std::int64_t steps = 2000;
  double warmup_steps = 150;
  double lr = 1e-3;            ///< falls to 0 along half a cosine
  double weight_decay = 0.05;  ///< of matrices
  double beta2 = 0.98;
  double gradient_norm = 1;  ///< longer gradients are shortened to it
};

/// text->encode(ids), ids (B, L) int64 → (B, D), with less work where the texts differ in length.
torch::Tensor encode_by_length(const clip::TextEncoder& text, const torch::Tensor& ids);

/// Steps 0 … options.steps − 1 of AdamW over all of `clip`, on the images and texts that `batch_of` gives for
/// each. Returns the mean loss of the last tenth of the steps. Throws c10::Error where the loss is not
/// finite.
double train_contrastive(NewClip& clip, const ContrastiveOptions& options,
                         const std::function<CaptionedImages(std::int64_t)>& batch_of,
                         const session::Runtime& runtime);

}  // namespace mkt::demo
