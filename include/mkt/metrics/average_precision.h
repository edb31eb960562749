#pragma once
// Average precision per class, and per image.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Computes average precision per class: scores (N, C) floating, labels (N, C) in {-1, 0, 1} → (C) float64. A
/// class is evaluated on the images with |label| = 1, ranked by descending score (equal scores: in image
/// order). The result is 0 for a class without positives. Throws ValueError if the shapes differ or a score
/// is NaN. Source: BiAM's compute_AP.
torch::Tensor average_precision(const torch::Tensor& scores, const torch::Tensor& labels);

/// Computes the mean of the images' average precisions: an image's classes with |label| = 1 are ranked by
/// descending score (equal scores: in class order). Images without a present label are left out; 0 if no
/// image has one. Same arguments and errors as average_precision().
double precision_per_image(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
