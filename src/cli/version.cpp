#include "cli/version.h"

#include <ATen/Version.h>
#include <torch/version.h>
#ifdef MKT_WITH_CUDA
#include <ATen/detail/CUDAHooksInterface.h>
#endif

#include "core/text.h"

namespace mkt::cli {

namespace {

/// "no", or the version of the runtime: 13.0.
std::string cuda_text() {
#ifdef MKT_WITH_CUDA
  const long version = at::detail::getCUDAHooks().versionCUDART();  // 1000 * major + 10 * minor
  return cat(version / 1000, ".", version % 1000 / 10);
#else
  return "no";
#endif
}

}  // namespace

std::string version_text(const std::string& program) {
  return cat(program, " ", MKT_VERSION, " (LibTorch ", TORCH_VERSION, ", CUDA libraries: ", cuda_text(),
             ", CPU: ", at::get_cpu_capability(), ")");
}

}  // namespace mkt::cli
