#pragma once
// Tells whether the program goes on when its terminal is closed.

#include <csignal>

namespace mkt {

/// Whether SIGHUP is ignored, as under nohup. Handlers are not installed then.
inline bool ignores_hangup() {
  struct sigaction action {};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace mkt
