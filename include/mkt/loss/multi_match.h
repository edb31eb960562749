#pragma once
// Contrastive loss over all image-label pairs of a step.

#include "mkt/torch.h"

#include <functional>

namespace mkt::loss {

/// Stacks a row of numbers of every rank, in rank order, on every rank: (n) float64 → (ranks, n). Called once
/// per loss.
using GatherRows = std::function<torch::Tensor(const torch::Tensor& row)>;

/// Multi-match loss: −mean over the present pairs (image i, label c) of
/// log(exp(scale · s_ic) / Σ exp(scale · s_jd)), where the sum is over all annotated pairs (j, d) of all
/// images, also of those on other ranks. 0 without present pairs.
///
/// logits (B, C) floating; labels (B, C) of any dtype, in {-1, 0, 1}: absent, not annotated, present →
/// scalar, the same on every rank. It can be differentiated once with respect to the logits. Each rank has
/// the gradient with respect to its own logits, multiplied by (images of all ranks / own images): averaged
/// over the ranks with their images as weights, as a mean over images is, it is the gradient of the whole
/// step's loss. `gather`: empty for a single rank. If a logit is not finite, the loss is not finite on any
/// rank. Half-precision logits are summed in float32; the sums are exchanged in float64. Needs memory for a
/// few times B × C numbers. Throws ValueError as ranking_loss() does. Source: Tan et al., "Recover and
/// Match", CVPR 2025, arXiv 2503.15337.
torch::Tensor multi_match_loss(const torch::Tensor& logits, const torch::Tensor& labels, double scale,
                               const GatherRows& gather = {});

/// Takes part in the exchange of the other ranks' multi_match_loss(), without images of its own.
void skip_multi_match_loss(const GatherRows& gather, const torch::Device& device);

}  // namespace mkt::loss
