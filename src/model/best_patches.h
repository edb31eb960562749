#pragma once
// Mean of the k highest scores in one pass.

#include "mkt/torch.h"

namespace mkt::model {

/// Computes the mean of the k largest values per row, as rows.topk(k).mean(-1) does, but summed in float64 in
/// descending order: rows (…, P) float32 on the CPU, k in [1, P] → (…). NaN for a row that contains NaN. Not
/// differentiable. Throws ValueError if `rows` or `k` is invalid.
torch::Tensor mean_of_best(const torch::Tensor& rows, std::int64_t k);

}  // namespace mkt::model
