#pragma once
// Counts how often an absent label outscores a present one.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Counts per pair of classes: class a (row) is present, class b (column) is absent.
struct Confusion {
  torch::Tensor
      above;  ///< (C, C) int64: number of images with a present, b absent, and b's score higher than a's
  torch::Tensor images;  ///< (C, C) int64: number of images with a present and b absent
};

/// Counts images for all pairs of classes. scores (N, C) floating, labels (N, C) in {-1, 0, 1}: absent, not
/// annotated, present. Throws ValueError if the shapes differ or a score is NaN.
Confusion count_confusion(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
