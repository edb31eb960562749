#pragma once
// Signals that ask a run to stop: noted here, acted on between steps.

#include <stdexcept>

namespace mkt {

/// Notes SIGTERM, SIGINT and SIGUSR1 from now on. A second SIGINT ends the process at once.
void note_stop_signals();

/// The signal noted, 0 if none.
int stop_signal();

/// Thrown where work ends because of a noted signal, its state saved. Process exit code: 130 for SIGINT, 143
/// for SIGTERM and SIGUSR1.
class Stopped : public std::runtime_error {
 public:
  explicit Stopped(int signal);
  int exit_code() const;

 private:
  int signal_;
};

}  // namespace mkt
