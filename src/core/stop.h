#pragma once
// Stops a run on a signal: the signal handler only records the signal, and the run checks for it between
// steps.

#include <stdexcept>

namespace mkt {

/// Installs handlers that record SIGTERM, SIGINT, SIGUSR1 and SIGHUP (the terminal is closed), except SIGHUP
/// under nohup. A second SIGINT ends the process immediately.
void note_stop_signals();

/// Returns the last recorded signal, or 0.
int stop_signal();

/// Thrown when a run has stopped because of a recorded signal and its state has been saved.
class Stopped : public std::runtime_error {
 public:
  explicit Stopped(int signal);
  /// Returns the process's exit code: 130 for SIGINT, 143 for the others.
  int exit_code() const;

 private:
  int signal_;
};

}  // namespace mkt
