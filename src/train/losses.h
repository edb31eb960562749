#pragma once
// What a step of training minimises.

#include "mkt/torch.h"

namespace mkt::train {

/// Terms of a batch's loss, scalars with a graph, each a mean over its images. Their sum is minimised.
struct Losses {
  torch::Tensor rank;
  torch::Tensor dist;  ///< undefined in stage 2

  torch::Tensor total() const { return dist.defined() ? rank + dist : rank; }
};

/// Rows of a batch that have a present label: (K) int64. The others leave before the step.
torch::Tensor rows_with_positives(const torch::Tensor& labels);

}  // namespace mkt::train
