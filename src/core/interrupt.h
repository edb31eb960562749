#pragma once
// Ends the process immediately on a signal, for programs that have no state to save. Training notes signals
// instead (stop.h).

#include <string>

namespace mkt {

/// From now on SIGTERM and SIGINT end the process with exit code 143 or 130, after one line on stderr that
/// begins with `program`. SIGPIPE ends it silently, even if the parent process had ignored it: the reader of
/// the output is gone.
void end_on_signals(const std::string& program);

/// Delays such an end for as long as it lives, to protect files that are half written. Nests.
class InterruptDelay {
 public:
  InterruptDelay();
  ~InterruptDelay();
  InterruptDelay(const InterruptDelay&) = delete;
  InterruptDelay& operator=(const InterruptDelay&) = delete;
};

}  // namespace mkt
