#pragma once
// Dtype names for messages and JSON.

#include <c10/core/ScalarType.h>

#include <string>

namespace mkt::weights {

/// Returns a dtype's name: "float16", "int64", …; LibTorch's name for a dtype that no supported file format
/// has.
std::string dtype_name(c10::ScalarType type);

}  // namespace mkt::weights
