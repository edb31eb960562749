#pragma once
// Fitting of the score thresholds from which labels are assigned to images.

#include "mkt/torch.h"

#include <cstdint>

namespace mkt::metrics {

/// F1 of the labels that thresholds select, over the images and labels with |label| = 1.
struct ThresholdF1 {
  double micro = 0;  ///< F1 over all selections together
  double macro = 0;  ///< mean of the labels' F1, over labels that at least one image has
};

/// Fitted thresholds and their F1: on the images that they were fitted to, and by 5-fold cross-validation
/// ("cross").
struct FittedThresholds {
  torch::Tensor per_label;  ///< (C) float64; equal to for_all for a label that no image has
  double for_all = 0;       ///< the common threshold of all labels
  ThresholdF1 per_label_f1;
  ThresholdF1 per_label_cross;
  ThresholdF1 for_all_f1;
  ThresholdF1 for_all_cross;
};

/// Fits the thresholds that maximise F1: one for each label, and one for all labels together; of equally good
/// ones, the highest. A threshold lies halfway between the lowest selected score and the next lower one, or
/// 1e-6 below the former if there is none. In the cross-validation, the fold of an image is its row modulo 5.
/// scores (N, C) floating, labels (N, C) in {-1, 0, 1}, of which 0 (not annotated) does not count. Throws
/// ValueError if the shapes differ, a score is NaN, there are fewer than two images, or no image has a label.
FittedThresholds fit_thresholds(const torch::Tensor& scores, const torch::Tensor& labels);

/// F1 if the labels with scores of at least `thresholds`, (C) or (1), are selected. scores and labels as
/// above. Throws ValueError if their shapes differ or a score is NaN.
ThresholdF1 threshold_f1(const torch::Tensor& scores, const torch::Tensor& labels,
                         const torch::Tensor& thresholds);

}  // namespace mkt::metrics
