#pragma once
// Average precision per class.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Average precision of each class: scores (N, C) floating, labels (N, C) in {-1, 0, 1} → (C) float64. A
/// class is evaluated on the images with |label| = 1, by descending score (equal scores: in the order of the
/// images). A class without positives has 0. Throws ValueError if the shapes differ or a score is NaN.
/// Source: BiAM's compute_AP.
torch::Tensor average_precision(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
