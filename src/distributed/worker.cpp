#include "distributed/worker.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/json.h"

namespace mkt::distributed {

void die_with_launcher() {
  if (std::getenv("TORCHELASTIC_RUN_ID") == nullptr) return;
  const pid_t launcher = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launcher) raise(SIGKILL);  // the launcher has died before prctl
}

void write_error_file(const std::string& message) noexcept {
  try {
    const char* path = std::getenv("TORCHELASTIC_ERROR_FILE");
    if (path == nullptr || *path == '\0') return;
    const nlohmann::json extra = {{"py_callstack", message},
                                  {"timestamp", std::to_string(std::time(nullptr))}};
    const nlohmann::json error = {{"message", {{"message", message}, {"extraInfo", extra}}}};
    std::ofstream(path) << io::json_text(error);
  } catch (const std::exception&) {  // the caller reports `message` itself
  }
}

}  // namespace mkt::distributed
