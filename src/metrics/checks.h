#pragma once
// Argument checks shared by all metrics.

#include "mkt/torch.h"

namespace mkt::metrics {

/// Returns a table (N, C) on the CPU as `dtype`, with the values of a row side by side. A range of columns of
/// such a table is not copied: its rows lie apart (stride(0)).
torch::Tensor as_rows(const torch::Tensor& table, torch::ScalarType dtype);

/// Whether any of `scores` is NaN.
bool has_nan(const torch::Tensor& scores);

/// Throws ValueError unless both tensors are (N, C) and no score is NaN.
inline void check_scores(const torch::Tensor& scores, const torch::Tensor& labels) {
  TORCH_CHECK_VALUE(scores.dim() == 2 && scores.sizes() == labels.sizes(),
                    "scores and labels: expected the same (images, classes), got ", scores.sizes(), " and ",
                    labels.sizes(), ". Score the images that the labels belong to.");
  TORCH_CHECK_VALUE(!has_nan(scores),
                    "scores: expected numbers, got NaN. Check the checkpoint that computed them.");
}

}  // namespace mkt::metrics
