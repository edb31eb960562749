#pragma once
// Images whose score for a class equals another image's.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Computes per class the share of images that tie with another: scores (N, C) floating, labels (N, C) in
/// {-1, 0, 1} → (C) float64. As average_precision() does, it looks at the images with |label| = 1; the share
/// is 0 if a class has none. Throws ValueError if the shapes differ or a score is NaN.
torch::Tensor tied_share(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
