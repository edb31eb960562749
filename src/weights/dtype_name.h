#pragma once
// What people call dtypes.

#include <c10/core/ScalarType.h>

#include <string>

namespace mkt::weights {

/// "float16", "int64", …; LibTorch's own word for a dtype that our files do not have.
std::string dtype_name(c10::ScalarType type);

}  // namespace mkt::weights
