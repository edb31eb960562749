#pragma once
// Tensor digests.

#include "mkt/torch.h"

#include <string>

namespace mkt::weights {

/// Computes SHA-256 over a CPU tensor's bytes in row-major order; returns 64 lower-case hexadecimal digits.
std::string digest(const torch::Tensor& tensor);

}  // namespace mkt::weights
