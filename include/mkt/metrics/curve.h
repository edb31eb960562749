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

/// Micro-averaged precision and recall over all pairs of an image and a class with |label| = 1; pairs with
/// scores of at least the threshold are predicted. The thresholds are scores of present pairs from the
/// highest to the lowest (recall 1): at most `points` of them, spread evenly over the present pairs. Empty if
/// no pair is present. scores (N, C) floating, labels (N, C) in {-1, 0, 1}. Throws ValueError if the shapes
/// differ, a score is NaN or points < 2.
std::vector<CurvePoint> precision_recall_curve(const torch::Tensor& scores, const torch::Tensor& labels,
                                               std::int64_t points = 200);

}  // namespace mkt::metrics
