#pragma once
// CLIP's loss.

#include "mkt/torch.h"

namespace mkt::demo {

/// images, texts (B, D), neither normalised; logit_scale: scalar, the logarithm of what cosines are
/// multiplied by; same (B, B) bool, symmetric: which texts read the same, each itself at least → scalar.
/// Cross-entropy of finding an image's text among the B and a text's image, averaged; where texts read the
/// same, the target is spread evenly over them. Throws ValueError where the shapes differ. Source: Radford et
/// al., arXiv 2103.00020, figure 3; the targets after Yang et al., arXiv 2204.03610.
torch::Tensor contrastive_loss(const torch::Tensor& images, const torch::Tensor& texts,
                               const torch::Tensor& logit_scale, const torch::Tensor& same);

/// ids (B, L) → (B, B) bool: whether two texts are equal.
torch::Tensor same_texts(const torch::Tensor& ids);

}  // namespace mkt::demo
