#include "mkt/config/version.h"

#include <ATen/Version.h>
#include <torch/version.h>

#include "mkt/core/text.h"

namespace mkt::config {

std::string version_text(const std::string& program) {
#ifdef MKT_WITH_CUDA
  const char* cuda = "yes";
#else
  const char* cuda = "no";
#endif
  return cat(program, " ", MKT_VERSION, " (LibTorch ", TORCH_VERSION, ", CUDA libraries: ", cuda,
             ", CPU: ", at::get_cpu_capability(), ")");
}

}  // namespace mkt::config
