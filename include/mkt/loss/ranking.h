#pragma once
// The ranking loss of MKT.

#include "mkt/torch.h"

namespace mkt::loss {

/// Ranking loss: per image, the sum over all pairs (present p, absent n) of max(0, 1 + s_n − s_p), divided by
/// (number of positive terms + 1e-8); the mean over the images.
///
/// logits (B, C) floating; labels (B, C) of any dtype, in {-1, 0, 1}: absent, not annotated, present →
/// scalar. The loss can be differentiated once with respect to the logits. If a logit is not finite, neither
/// is the loss. Half-precision logits are summed in float32. Labels may stay on the CPU; then the loss does
/// not wait for the GPU. Needs memory for B × C numbers and at most 16 MB of pairs at a time. Throws
/// ValueError if the shapes differ, there are no images or the logits are not floating. Source: MKT, arXiv
/// 2207.01887, eq. 5, after BiAM's ranking_lossT.
torch::Tensor ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels);

}  // namespace mkt::loss
