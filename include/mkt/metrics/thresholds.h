#pragma once
// Fits score thresholds for assigning labels to images.

#include "mkt/torch.h"

#include <cstdint>

namespace mkt::metrics {

/// F1 of thresholded predictions, over the (image, label) pairs with |label| = 1.
struct ThresholdF1 {
  double micro = 0;  ///< F1 over all (image, label) pairs
  double macro = 0;  ///< mean F1 per label, over the labels present in at least one image
};

/// Fitted thresholds and their F1: on the images used for fitting, and by 5-fold cross-validation ("cross").
struct FittedThresholds {
  torch::Tensor per_label;  ///< (C) float64; equal to for_all for a label that is present in no image
  double for_all = 0;       ///< one threshold for all labels
  ThresholdF1 per_label_f1;
  ThresholdF1 per_label_cross;
  ThresholdF1 for_all_f1;
  ThresholdF1 for_all_cross;
};

/// Fits the thresholds that maximise F1: one per label, and one for all labels; the highest if several are
/// equally good. A threshold is the midpoint between the lowest selected score and the next lower score; if
/// there is no lower score, it is 1e-6 below the lowest selected score. In the cross-validation, an image's
/// fold is its row index modulo 5. scores (N, C) floating, labels (N, C) in {-1, 0, 1}; 0 (not annotated) is
/// ignored. Throws ValueError if the shapes differ, a score is NaN, there are fewer than two images, or no
/// label is present.
FittedThresholds fit_thresholds(const torch::Tensor& scores, const torch::Tensor& labels);

/// Computes F1 if the labels with scores of at least `thresholds`, (C) or (1), are predicted. scores and
/// labels as in fit_thresholds(). Throws ValueError if their shapes differ or a score is NaN.
ThresholdF1 threshold_f1(const torch::Tensor& scores, const torch::Tensor& labels,
                         const torch::Tensor& thresholds);

}  // namespace mkt::metrics
