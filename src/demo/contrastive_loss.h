#pragma once
// CLIP's loss.

#include "mkt/torch.h"

namespace mkt::demo {

/// images, texts (B, D), not normalised; logit_scale: scalar, logarithm of the factor of the cosines; same
/// (B, B) bool, symmetric: whether two texts are equal, true on the diagonal → scalar. The mean cross-entropy
/// of finding an image's text and a text's image among the B; equal texts share the target evenly. Throws
/// ValueError if the shapes differ. Source: Radford et al., arXiv 2103.00020, figure 3; targets: Yang et al.,
/// arXiv 2204.03610.
torch::Tensor contrastive_loss(const torch::Tensor& images, const torch::Tensor& texts,
                               const torch::Tensor& logit_scale, const torch::Tensor& same);

/// ids (B, L) → (B, B) bool: whether two texts are equal.
torch::Tensor same_texts(const torch::Tensor& ids);

}  // namespace mkt::demo
