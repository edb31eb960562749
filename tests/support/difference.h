#pragma once
// Differences between tensors.

#include "mkt/torch.h"

namespace mkt::test {

/// Maximum absolute difference between elements.
inline double largest_difference(const torch::Tensor& actual, const torch::Tensor& expected) {
  return (actual - expected).abs().max().item<double>();
}

/// Norm of the difference divided by the norm of `expected`, in double precision.
inline double relative_difference(const torch::Tensor& actual, const torch::Tensor& expected) {
  const torch::Tensor wanted = expected.detach().to(torch::kFloat64);
  return ((actual.detach().to(torch::kFloat64) - wanted).norm() / wanted.norm()).item<double>();
}

}  // namespace mkt::test
