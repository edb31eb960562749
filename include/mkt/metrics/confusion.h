#pragma once
// Which labels get in each other's way.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Of two classes: row a present, column b absent.
struct Confusion {
  torch::Tensor above;   ///< (C, C) int64, images with a and without b in which b scores higher than a
  torch::Tensor images;  ///< (C, C) int64, images with a and without b
};

/// scores (N, C) floating, labels (N, C) in {-1, 0, 1}; 0 is neither present nor absent. Throws ValueError
/// where the shapes differ or a score is NaN.
Confusion count_confusion(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
