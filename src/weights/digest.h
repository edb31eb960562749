#pragma once
// Digests of tensors.

#include "mkt/torch.h"

#include <string>

namespace mkt::weights {

/// SHA-256 of a CPU tensor's bytes in row-major order, as 64 lower-case hexadecimal digits.
std::string digest(const torch::Tensor& tensor);

}  // namespace mkt::weights
