#pragma once
// Counts how often an absent label outscores a present one.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Counts for pairs of classes: row a is present, column b is absent.
struct Confusion {
  torch::Tensor
      above;  ///< (C, C) int64: number of images with a and without b in which b scores higher than a
  torch::Tensor images;  ///< (C, C) int64: number of images with a and without b
};

/// Counts all pairs. scores (N, C) floating, labels (N, C) in {-1, 0, 1}, of which 0 is neither present nor
/// absent. Throws ValueError if the shapes differ or a score is NaN.
Confusion count_confusion(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
