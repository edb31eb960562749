#pragma once
// Fills modules with weights computed from a formula.

#include <cmath>
#include <string>

#include "support/formula.h"

namespace mkt::nn {

/// Sets each parameter of `module` to values that depend only on its name, with the magnitude of trained
/// weights.
inline void fill(torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  for (const auto& parameter : module.named_parameters()) {
    torch::Tensor tensor = parameter.value();
    const bool norm = parameter.key().find("ln_") != std::string::npos;
    const double bound = tensor.dim() > 1 ? std::sqrt(3.0 / static_cast<double>(tensor.size(1))) : 0.1;
    const double middle = norm && tensor.dim() == 1 ? 1.0 : 0.0;
    tensor.copy_(
        test::formula_tensor("nn/" + parameter.key(), tensor.sizes().vec(), middle - bound, middle + bound));
  }
}

/// Maximum absolute difference divided by the maximum absolute expected value.
inline double relative_difference(const torch::Tensor& actual, const torch::Tensor& expected) {
  return ((actual - expected).abs().max() / expected.abs().max()).item<double>();
}

}  // namespace mkt::nn
