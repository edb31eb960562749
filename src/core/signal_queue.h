#pragma once
// Signals as something to read.

#include <csignal>

namespace mkt {

/// While this lives, SIGCHLD and the signals meant for the ranks (SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP)
/// do not act on this thread and those that it starts; they wait here.
class SignalQueue {
 public:
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  /// To poll.
  int fd() const { return fd_; }
  /// The next signal, or 0.
  int next() const;

 private:
  sigset_t before_{};
  int fd_ = -1;
};

}  // namespace mkt
