#pragma once
// What writing and reading an exported model share.

#include "mkt/core/torch.h"

#include <string>

namespace mkt::train {

inline constexpr const char* kFeatures = "label_features";
inline constexpr const char* kVersionKey = "mkt_model";
inline constexpr const char* kVersion = "1";

/// SHA-256 of the features' bytes, 64 hexadecimal digits.
std::string features_digest(const torch::Tensor& features);

}  // namespace mkt::train
