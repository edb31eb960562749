#pragma once
// Delivers signals through a file descriptor.

#include <csignal>

namespace mkt {

/// Blocks SIGCHLD and the signals that a launcher forwards to its ranks (SIGTERM, SIGINT, SIGUSR1, SIGUSR2,
/// and SIGHUP unless it is ignored) in the constructing thread and the threads that it starts later, and
/// queues them until this object is destroyed.
class SignalQueue {
 public:
  /// Throws c10::Error if the system has no file descriptor left.
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  /// File descriptor for poll(): readable while a signal is queued.
  int fd() const { return fd_; }
  /// Removes the next signal from the queue and returns it, or 0 if there is none.
  int next() const;

 private:
  sigset_t before_{};
  int fd_ = -1;
};

}  // namespace mkt
