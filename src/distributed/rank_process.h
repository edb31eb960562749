#pragma once
// Starts a rank as a child process and forwards its stderr.

#include <sys/types.h>

#include <string>
#include <vector>

#include "distributed/topology.h"

namespace mkt::distributed {

/// Child process that runs one rank.
class RankProcess {
 public:
  /// Starts `arguments` with `environment` in a new process group; the process is killed when the calling
  /// thread ends. With `raw_stderr` it shares the stderr of this process, and last_line() stays empty. Throws
  /// c10::Error if the process cannot be started.
  RankProcess(int rank, const std::vector<std::string>& arguments, const Environment& environment,
              bool raw_stderr);
  ~RankProcess();
  RankProcess(const RankProcess&) = delete;
  RankProcess& operator=(const RankProcess&) = delete;

  int rank() const { return rank_; }
  bool running() const { return running_; }
  /// Exit code, or 128 + n for signal n. Valid after the process has ended.
  int exit_code() const { return exit_code_; }
  /// Signal that ended the process, or 0.
  int end_signal() const { return end_signal_; }
  /// Last non-blank line of its stderr, without colours.
  const std::string& last_line() const { return last_line_; }
  /// File descriptor to poll for its stderr, or -1.
  int stderr_fd() const { return stderr_fd_; }

  /// Reaps the process if it has ended; returns whether this call reaped it. Never blocks.
  bool reap();
  void send_signal(int signal) const;
  /// Forwards the available stderr; for ranks other than 0, with the prefix "[rank N] " on each line.
  void relay_stderr();

 private:
  void start(const std::vector<std::string>& arguments, const Environment& environment, int stderr_pipe);
  void relay(const char* data, std::size_t size);
  void end_line();

  int rank_;
  pid_t pid_ = -1;
  bool running_ = false;
  int exit_code_ = 0;
  int end_signal_ = 0;
  int stderr_fd_ = -1;
  std::string line_;  // stderr since the last newline
  std::string last_line_;
};

/// Removes terminal escape sequences from `text`.
std::string without_colours(const std::string& text);

}  // namespace mkt::distributed
