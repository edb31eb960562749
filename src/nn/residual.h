#pragma once
// The sum at the end of a residual branch.

#include "mkt/torch.h"

namespace mkt::nn {

/// branch + stream. The sum is written into the branch's memory unless autocast has made the branch narrower.
inline torch::Tensor add_residual(torch::Tensor branch, const torch::Tensor& stream) {
  return branch.scalar_type() == stream.scalar_type() ? branch.add_(stream) : stream + branch;
}

}  // namespace mkt::nn
