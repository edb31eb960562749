#pragma once
// Calibrated stacking: a penalty on the scores of seen labels, which training favours, before the best labels
// of an image are chosen. Source: Chao et al., "An empirical study and analysis of generalized zero-shot
// learning for object recognition in the wild", arXiv 1605.04253.

#include "mkt/torch.h"

#include <cstdint>

namespace mkt::scoring {

/// Subtracts `penalty` times the standard deviation of the image's scores (C − 1 degrees of freedom) from the
/// first `seen` columns: (N, C) → (N, C), a copy. Unlike a constant in units of the scores, such a penalty
/// keeps its meaning if the number of labels changes.
torch::Tensor penalised(const torch::Tensor& scores, std::int64_t seen, double penalty);

/// Finds the penalty that maximises F1 at k by exact search: as the penalty rises, an image's worst chosen
/// seen label gives way to its best unseen label that is not chosen, at most k times. All penalties at which
/// that happens are tried. Of the best ranges the one nearest to 0 is taken, and its middle, or 0 if it lies
/// in the range. scores (N, C) floating; labels (N, C) in {-1, 0, 1}; labels [seen, C) are unseen. Throws
/// ValueError if no label is seen, none is unseen, or k is not in [1, C].
double fit_seen_penalty(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t seen,
                        std::int64_t k);

}  // namespace mkt::scoring
