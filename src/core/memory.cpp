#include "core/memory.h"

#include <c10/util/Exception.h>

#include <fstream>
#include <limits>
#include <string>

namespace mkt {

double peak_memory_mib() {
  constexpr double kKibPerMib = 1024;
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name;) {
    double kib = 0;
    if (name == "VmHWM:" && status >> kib) return kib / kKibPerMib;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  TORCH_CHECK(false, "/proc/self/status: expected a line VmHWM, got none. Mount /proc.");
}

}  // namespace mkt
