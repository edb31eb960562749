#include "cli/version.h"

#include <ATen/Version.h>
#include <fmt/core.h>
#include <torch/version.h>
#ifdef MKT_WITH_CUDA
#include <ATen/detail/CUDAHooksInterface.h>
#endif

namespace mkt::cli {

namespace {

/// Returns the CUDA runtime version, such as "13.0"; "no" without CUDA libraries.
std::string cuda_text() {
#ifdef MKT_WITH_CUDA
  const long version = at::detail::getCUDAHooks().versionCUDART();  // 1000 * major + 10 * minor
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
#else
  return "no";
#endif
}

}  // namespace

std::string version_text(const std::string& program) {
  return fmt::format("{} {} (LibTorch {}, CUDA libraries: {}, CPU: {})", program, MKT_VERSION, TORCH_VERSION,
                     cuda_text(), at::get_cpu_capability());
}

}  // namespace mkt::cli
