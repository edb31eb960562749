#pragma once
// Average precision per class.

#include "mkt/torch.h"

namespace mkt::metrics {

/// scores (N, C) floating, labels (N, C) in {-1, 0, 1} → (C) float64. Per class over the images with
/// |label| = 1, best score first (equal scores: in the order of the images); 0 for a class without positives.
/// Throws ValueError where the shapes differ or a score is NaN. Source: BiAM's compute_AP.
torch::Tensor average_precision(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
