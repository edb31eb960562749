#pragma once
// Source text of add_norm.cu, embedded by CMake.

namespace mkt::nn {

extern const char* const kAddNormSource;

}  // namespace mkt::nn
