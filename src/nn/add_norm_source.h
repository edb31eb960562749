#pragma once
// The text of add_norm.cu, put into the program by CMake.

namespace mkt::nn {

extern const char* const kAddNormSource;

}  // namespace mkt::nn
