#pragma once
// Residual sum and layer norm in one kernel, on GPUs.

#include "mkt/torch.h"

namespace mkt::nn {

/// Adds `branch` to `rows` in place, unless it is undefined, and returns the layer norm of the sum in
/// `dtype`. rows (N, W) float32; branch (N, W) in `dtype`, bfloat16 or float16; weight, bias (W) float32. On
/// a GPU one kernel reads and writes each row once, if W is a multiple of 128 and CUDA's run-time compiler is
/// there; otherwise LibTorch's operations compute the same, apart from rounding.
torch::Tensor add_norm_(torch::Tensor rows, const torch::Tensor& branch, const torch::Tensor& weight,
                        const torch::Tensor& bias, double epsilon, torch::Dtype dtype);

}  // namespace mkt::nn
