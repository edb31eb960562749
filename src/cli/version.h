#pragma once

#include <string>

namespace mkt::cli {

/// Returns "<program> 0.1.0 (LibTorch 2.11.0, CUDA libraries: no, CPU: AVX512)"; with CUDA libraries, the
/// CUDA runtime version replaces "no".
std::string version_text(const std::string& program);

}  // namespace mkt::cli
