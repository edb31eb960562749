#pragma once
// Precision-recall curve.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

namespace mkt::metrics {

/// Precision and recall at a threshold.
struct CurvePoint {
  double threshold = 0;
  double precision = 0;
  double recall = 0;
};

/// Micro-averaged precision-recall curve over all (image, class) pairs with |label| = 1. A pair is predicted
/// positive if its score is at least the threshold. The thresholds are scores of positive pairs, from the
/// highest to the lowest (recall 1): at most `points` thresholds, spaced evenly over the sorted positive
/// pairs. Empty if there is no positive pair. scores (N, C) floating, labels (N, C) in {-1, 0, 1}. Throws
/// ValueError if the shapes differ, a score is NaN or points < 2.
std::vector<CurvePoint> precision_recall_curve(const torch::Tensor& scores, const torch::Tensor& labels,
                                               std::int64_t points = 200);

}  // namespace mkt::metrics
