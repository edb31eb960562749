#pragma once
// F1, precision and recall at k labels per image.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

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

/// The numbers of predicted labels, and the images and classes that count.
struct F1Options {
  std::vector<std::int64_t> k;
  bool only_images_with_positives = false;  ///< leaves out images without a present label among the classes
  torch::Tensor classes = {};  ///< (C) bool: the classes that are predicted and counted; undefined: all
};

/// Same for several k in one pass: one result per element of `options.k`, in that order. Does not copy the
/// tables, nor a range of columns of one. Throws ValueError if `options.k` is empty, one of its elements is
/// not in [1, number of counted classes], or `classes` is not a (C) bool tensor.
std::vector<F1> f1_at_k(const torch::Tensor& scores, const torch::Tensor& labels, const F1Options& options);

}  // namespace mkt::metrics
