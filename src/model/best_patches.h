#pragma once
// The best few of many scores, read once.

#include "mkt/torch.h"

namespace mkt::model {

/// rows (…, P) float32 on the CPU, k in [1, P] → (…): mean of the k largest of each row, as
/// rows.topk(k).mean(-1) but summed in float64 from the best down; NaN where the row holds one. Not
/// differentiable. Throws ValueError for other rows or k.
torch::Tensor mean_of_best(const torch::Tensor& rows, std::int64_t k);

}  // namespace mkt::model
