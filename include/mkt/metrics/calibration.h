#pragma once
// Calibration: probabilities from scores.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Probability that a label with a score is present: 1 / (1 + exp(−(slope · score + intercept))).
struct Calibration {
  double slope = 0;
  double intercept = 0;

  double probability(double score) const;
};

/// A fitted calibration and its expected calibration errors, between 0 and 1.
struct FittedCalibration {
  Calibration calibration;
  double error_before = 0;  ///< of the scores themselves, clamped to 0 … 1
  double error_after = 0;   ///< of the probabilities, by 5-fold cross-validation
};

/// Fits one calibration for all labels to the annotated pairs of image and label: scores (N, C) floating,
/// labels (N, C) in {-1, 0, 1}; 0 (not annotated) is ignored. Scores are grouped into 8,192 bins of equal
/// width. In the cross-validation, an image's fold is its row index modulo 5. The expected calibration error
/// has 15 bins of equal width. Throws ValueError if the shapes differ, a score is not finite, or no label is
/// present or none is absent. Source: Platt, "Probabilistic outputs for support vector machines" (1999), with
/// Lin, Lin and Weng's Newton steps (2007); Guo et al., arXiv 1706.04599.
FittedCalibration fit_calibration(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkt::metrics
