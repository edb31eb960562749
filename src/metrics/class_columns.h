#pragma once
// Copies the columns of score tables, a group of classes at a time.

#include "mkt/torch.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace mkt::metrics {

/// Scores and labels of adjacent classes, one class after another.
struct ClassColumns {
  std::int64_t first = 0;  ///< index of the first class
  std::int64_t count = 0;  ///< number of classes
  std::int64_t images = 0;
  std::vector<float> scores;
  std::vector<std::int8_t> labels;

  const float* scores_of(std::int64_t c) const { return scores.data() + c * images; }
  const std::int8_t* labels_of(std::int64_t c) const { return labels.data() + c * images; }
};

/// Calls `use` for groups of classes that together are all columns of scores (N, C) and labels (N, C), on
/// several threads. Throws as check_scores() does.
void each_class_group(const torch::Tensor& scores, const torch::Tensor& labels,
                      const std::function<void(const ClassColumns&)>& use);

}  // namespace mkt::metrics
