#pragma once
// Adds a residual branch to the residual stream.

#include "mkt/torch.h"

namespace mkt::nn {

/// Returns branch + stream. Adds in place to `branch`, unless autocast has given it a narrower dtype.
inline torch::Tensor add_residual(const torch::Tensor& branch, const torch::Tensor& stream) {
  return branch.scalar_type() == stream.scalar_type() ? branch.add_(stream) : stream + branch;
}

}  // namespace mkt::nn
