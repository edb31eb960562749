#pragma once
// MKT's ranking loss.

#include "mkt/torch.h"

namespace mkt::loss {

/// Ranking loss. Per image: max(0, margin + s_n − s_p), summed over all pairs (present label p, absent label
/// n) and divided by (number of terms greater than 0 + 1e-8). The loss is the mean over the images. The
/// published margin is 1.
///
/// logits (B, C) floating; labels (B, C) of any dtype, in {-1, 0, 1}: absent, not annotated, present →
/// scalar. The loss can be differentiated once with respect to the logits. If a logit is not finite, neither
/// is the loss. Half-precision logits are summed in float32. Labels may stay on the CPU; then computing the
/// loss does not synchronise with the GPU. Needs memory for B × C numbers and at most 16 MB for pairs at a
/// time. Throws ValueError if the shapes differ, there are no images or the logits are not floating. Source:
/// MKT, arXiv 2207.01887, eq. 5, after BiAM's ranking_lossT.
torch::Tensor ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels, double margin = 1);

}  // namespace mkt::loss
