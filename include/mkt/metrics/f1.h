#pragma once
// F1, precision and recall of the k best labels of each image.

#include "mkt/torch.h"

#include <cstdint>

namespace mkt::metrics {

struct F1 {
  double f1 = 0.0;
  double precision = 0.0;
  double recall = 0.0;
};

/// What F1 is made of, over all images and classes. Counts of shards add up, so that any split of the images
/// gives the same value.
struct F1Counts {
  std::int64_t hits = 0;       ///< predicted and present
  std::int64_t predicted = 0;  ///< k for each image
  std::int64_t present = 0;    ///< labels of 1

  F1Counts& operator+=(const F1Counts& other);
  /// 0, not NaN, where nothing is hit.
  F1 value() const;
};

/// Counts with the k best-scored labels of each image predicted (equal scores: the lower class first).
/// scores (N, C) floating, labels (N, C) in {-1, 0, 1}. Throws ValueError where the shapes differ, k is not
/// in [1, C] or a score is NaN.
F1Counts count_at_k(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t k);

/// count_at_k(…).value(). Source: BiAM's compute_F1, "overall".
F1 f1_at_k(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t k);

}  // namespace mkt::metrics
