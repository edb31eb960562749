#pragma once
// Ending at once by a signal, for programs without a state to save. Training notes signals instead (stop.h).

#include <string>

namespace mkt {

/// From now on SIGTERM and SIGINT end the process at once with exit code 143 or 130, after one line on stderr
/// that begins with `program`. SIGPIPE ends it without a word, even where its parent had that ignored: the
/// reader of its output has gone.
void end_on_signals(const std::string& program);

/// Puts such an end off while it lives, for files that are half written.
class InterruptDelay {
 public:
  InterruptDelay();
  ~InterruptDelay();
  InterruptDelay(const InterruptDelay&) = delete;
  InterruptDelay& operator=(const InterruptDelay&) = delete;
};

}  // namespace mkt
