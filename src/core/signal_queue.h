#pragma once
// Delivers signals through a file descriptor.

#include <csignal>

namespace mkt {

/// While it lives, SIGCHLD and the signals that a launcher passes on to its ranks (SIGTERM, SIGINT, SIGUSR1,
/// SIGUSR2, SIGHUP) are blocked in this thread and the threads that it starts; they are queued here instead.
class SignalQueue {
 public:
  /// Throws c10::Error if the system has no file descriptor left.
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  /// A descriptor to poll: readable while a signal is queued.
  int fd() const { return fd_; }
  /// Removes the next signal from the queue and returns it, or 0 if there is none.
  int next() const;

 private:
  sigset_t before_{};
  int fd_ = -1;
};

}  // namespace mkt
