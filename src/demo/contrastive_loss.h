#pragma once
// CLIP's contrastive loss.

#include "mkt/torch.h"

namespace mkt::demo {

/// Computes the mean cross-entropy of two classifications within the batch: the text of each image and the
/// image of each text. images, texts (B, D), not normalised; logit_scale: scalar, logarithm of the factor
/// applied to the cosines; same (B, B) bool, symmetric: whether two texts are equal, true on the diagonal →
/// scalar. Equal texts share the target probability evenly. Throws ValueError if the shapes differ. Source:
/// Radford et al., arXiv 2103.00020, figure 3; targets: Yang et al., arXiv 2204.03610.
torch::Tensor contrastive_loss(const torch::Tensor& images, const torch::Tensor& texts,
                               const torch::Tensor& logit_scale, const torch::Tensor& same);

/// Compares all pairs of texts: ids (B, L) → (B, B) bool, true where two texts are equal.
torch::Tensor same_texts(const torch::Tensor& ids);

}  // namespace mkt::demo
