#pragma once
// From which score on a label is given to an image.

#include "mkt/torch.h"

#include <cstdint>

namespace mkt::metrics {

/// How well thresholds choose, over the images and labels with |label| = 1.
struct ThresholdF1 {
  double micro = 0;  ///< F1 of all choices together
  double macro = 0;  ///< mean of the labels' F1, over those that an image has
};

/// Thresholds and what they reach: on the images they were fitted to, and on each fifth of the images with
/// those fitted to the others ("cross").
struct FittedThresholds {
  torch::Tensor per_label;  ///< (C) float64; for_all where no image has the label
  double for_all = 0;
  ThresholdF1 per_label_f1;
  ThresholdF1 per_label_cross;
  ThresholdF1 for_all_f1;
  ThresholdF1 for_all_cross;
};

/// The thresholds that maximise F1, each label's for itself and one over all choices; of equally good ones
/// the highest. Each lies halfway between the last score that it takes and the next, or 1e-6 below the last
/// where there is no next. An image is in the part that its row modulo 5 numbers. scores (N, C) floating,
/// labels (N, C) in {-1, 0, 1}, of which 0, not annotated, does not count. Throws ValueError where the shapes
/// differ, a score is NaN, there are fewer than two images, or no image has any label.
FittedThresholds fit_thresholds(const torch::Tensor& scores, const torch::Tensor& labels);

/// F1 of the labels whose score is at or above `thresholds`, (C) or (1). scores and labels as above.
ThresholdF1 threshold_f1(const torch::Tensor& scores, const torch::Tensor& labels,
                         const torch::Tensor& thresholds);

}  // namespace mkt::metrics
