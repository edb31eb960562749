#pragma once
// The ranking loss of MKT (arXiv 2207.01887).

#include "mkt/torch.h"

namespace mkt::loss {

/// logits (B, C) floating; labels (B, C) of any type, in {-1, 0, 1}: absent, not annotated, present → scalar.
/// Per image the sum over (present p, absent n) of max(0, 1 + s_n − s_p), divided by (number of positive
/// terms + 1e-8); mean over images. Differentiable in the logits (once). Where a logit is not finite, so is
/// the loss. Half-precision logits are summed in float32. Labels may stay on the CPU: then a GPU is not
/// waited for. Memory: B × C and at most 16 MB of pairs at a time. Throws ValueError where the shapes differ
/// or no image is given. Source: MKT eq. 5, after BiAM's ranking_lossT.
torch::Tensor ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels);

}  // namespace mkt::loss
