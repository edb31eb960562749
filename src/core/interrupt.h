#pragma once
// Ends the process immediately on a signal, for programs that have no state to save. Training stops between
// steps instead (stop.h).

#include <string>

namespace mkt {

/// Installs signal handlers: SIGTERM and SIGHUP (the terminal is closed; not under nohup) end the process
/// with exit code 143, SIGINT with 130, after one line on stderr that begins with `program`. SIGPIPE (the
/// output's reader has closed it) ends the process silently, even if the parent process had ignored it.
void end_on_signals(const std::string& program);

/// Delays ending the process on a signal until this object is destroyed, so that no file is left half
/// written. Can be nested.
class InterruptDelay {
 public:
  InterruptDelay();
  ~InterruptDelay();
  InterruptDelay(const InterruptDelay&) = delete;
  InterruptDelay& operator=(const InterruptDelay&) = delete;
};

}  // namespace mkt
