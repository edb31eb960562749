#pragma once
// Average precision per class.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Computes average precision per class: scores (N, C) floating, labels (N, C) in {-1, 0, 1} → (C) float64. A
/// class is evaluated on the images with |label| = 1, ranked by descending score (equal scores: in image
/// order). The result is 0 for a class without positives. Throws ValueError if the shapes differ or a score
/// is NaN. Source: BiAM's compute_AP.
torch::Tensor average_precision(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
