#pragma once
// What writing and reading an exported model share.

namespace mkt::train {

inline constexpr const char* kFeatures = "label_features";
inline constexpr const char* kVersionKey = "mkt_model";
inline constexpr const char* kVersion = "1";

}  // namespace mkt::train
