#pragma once
// Pre-trains a small CLIP on captioned images. Source: Radford et al., arXiv 2103.00020.

#include "mkt/torch.h"

#include <functional>
#include <string>

#include "demo/new_clip.h"
#include "session/runtime.h"

namespace mkt::demo {

struct CaptionedImages {
  torch::Tensor images;  ///< (B, 3, H, H) uint8
  torch::Tensor ids;     ///< (B, L) int64, token ids for the text encoder
};

struct ContrastiveOptions {
  std::int64_t steps = 2000;
  double warmup_steps = 150;
  double lr = 1e-3;            ///< learning rate after the warm-up; decays to 0 on a cosine schedule
  double weight_decay = 0.05;  ///< applied to matrices only
  double beta2 = 0.98;
  double gradient_norm = 1;  ///< maximum gradient norm; gradients are clipped to it
};

/// Computes text->encode(ids), ids (B, L) int64 → (B, D), in groups of texts with similar length, which saves
/// padding.
torch::Tensor encode_by_length(const clip::TextEncoder& text, const torch::Tensor& ids);

/// Trains all parameters of `clip` with AdamW for options.steps steps; `batch_of(step)` returns the batch for
/// a step. Returns the mean loss over the last tenth of the steps. Throws c10::Error if the loss is not
/// finite.
double train_contrastive(NewClip& clip, const ContrastiveOptions& options,
                         const std::function<CaptionedImages(std::int64_t)>& batch_of,
                         const session::Runtime& runtime);

}  // namespace mkt::demo
