#pragma once
// Names of dtypes for messages and JSON.

#include <c10/core/ScalarType.h>

#include <string>

namespace mkt::weights {

/// "float16", "int64", …; for a dtype that no file format here has, LibTorch's name.
std::string dtype_name(c10::ScalarType type);

}  // namespace mkt::weights
