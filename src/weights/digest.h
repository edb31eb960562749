#pragma once
// Digest of a tensor.

#include "mkt/torch.h"

#include <string>

namespace mkt::weights {

/// SHA-256 of a CPU tensor's bytes, row-major, as 64 hexadecimal digits.
std::string digest(const torch::Tensor& tensor);

}  // namespace mkt::weights
