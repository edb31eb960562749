#pragma once
// Signals that ask a run to stop. They are noted here and acted on between steps.

#include <stdexcept>

namespace mkt {

/// From now on notes SIGTERM, SIGINT and SIGUSR1. A second SIGINT ends the process immediately.
void note_stop_signals();

/// The last signal noted, or 0.
int stop_signal();

/// Thrown after work has stopped because of a noted signal and its state is saved.
class Stopped : public std::runtime_error {
 public:
  explicit Stopped(int signal);
  /// The exit code for the process: 130 for SIGINT, 143 for SIGTERM and SIGUSR1.
  int exit_code() const;

 private:
  int signal_;
};

}  // namespace mkt
