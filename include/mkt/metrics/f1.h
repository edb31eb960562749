#pragma once
// F1, precision and recall at k labels per image.

#include "mkt/torch.h"

#include <cstdint>

namespace mkt::metrics {

struct F1 {
  double f1 = 0.0;
  double precision = 0.0;
  double recall = 0.0;
};

/// Micro-averaged F1, precision and recall at k: the k labels with the highest scores are predicted for each
/// image (equal scores: the lower class index first). All three are 0 if there is no true positive. scores
/// (N, C) floating, labels (N, C) in {-1, 0, 1}: absent, not annotated, present. Throws ValueError if the
/// shapes differ, k is not in [1, C] or a score is NaN. Source: BiAM's compute_F1, "overall".
F1 f1_at_k(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t k);

}  // namespace mkt::metrics
