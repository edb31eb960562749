#pragma once
// Mean of the k best scores in one pass.

#include "mkt/torch.h"

namespace mkt::model {

/// rows (…, P) float32 on the CPU, k in [1, P] → (…): mean of the k largest values of each row, as
/// rows.topk(k).mean(-1), but summed in float64 in descending order; NaN if the row has one. Not
/// differentiable. Throws ValueError for other rows or k.
torch::Tensor mean_of_best(const torch::Tensor& rows, std::int64_t k);

}  // namespace mkt::model
