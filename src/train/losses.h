#pragma once
// Loss terms of a training batch.

#include "mkt/torch.h"

namespace mkt::train {

/// Terms of a batch's loss: scalars with autograd history, each a mean over the batch's images.
struct Losses {
  torch::Tensor rank;  ///< ranking loss
  torch::Tensor dist;  ///< distillation loss; undefined in stage 2

  /// The scalar that training minimises.
  torch::Tensor total() const { return dist.defined() ? rank + dist : rank; }
};

/// Finds the rows of labels (B, C) with at least one present label; returns their indices, (K) int64.
/// Training skips the other images, which have nothing to rank.
torch::Tensor rows_with_positives(const torch::Tensor& labels);

}  // namespace mkt::train
