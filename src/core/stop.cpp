#include "core/stop.h"

#include <fmt/core.h>

#include <csignal>

#include "core/hangup.h"
#include "mkt/core/error.h"

namespace mkt {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

void note(int signal) {
  if (signal == SIGINT && noted_signal == SIGINT) {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
  noted_signal = signal;
}

}  // namespace

void note_stop_signals() {
  std::signal(SIGPIPE,
              SIG_IGN);  // a reader of the output may end with the terminal, before the state is saved
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) std::signal(signal, note);
  if (!ignores_hangup()) std::signal(SIGHUP, note);
}

int stop_signal() {
  return noted_signal;
}

Stopped::Stopped(int signal)
    : std::runtime_error(fmt::format("stopped by signal {}; resume the run to continue", signal)),
      signal_(signal) {}

int Stopped::exit_code() const {
  return signal_ == SIGINT ? kExitInterrupted : kExitTerminated;
}

}  // namespace mkt
