#pragma once
// One rank that this process started: its process, and its stderr on the way through.

#include <sys/types.h>

#include <string>
#include <vector>

#include "distributed/topology.h"

namespace mkt::distributed {

class RankProcess {
 public:
  /// Starts `arguments` with `environment` in a process group of its own; it dies with the calling thread.
  /// `raw_stderr`: its stderr is this process's own, and no line of it is remembered. Throws c10::Error.
  RankProcess(int rank, const std::vector<std::string>& arguments, const Environment& environment,
              bool raw_stderr);
  ~RankProcess();
  RankProcess(const RankProcess&) = delete;
  RankProcess& operator=(const RankProcess&) = delete;

  int rank() const { return rank_; }
  bool running() const { return running_; }
  /// 128 + n for signal n; valid once not running.
  int exit_code() const { return exit_code_; }
  /// The signal that ended it, or 0.
  int end_signal() const { return end_signal_; }
  /// Last line on stderr with something on it, without colours.
  const std::string& last_line() const { return last_line_; }
  /// To poll for stderr, or -1.
  int stderr_fd() const { return stderr_fd_; }

  /// Whether it has ended by now; never waits.
  bool reap();
  void send_signal(int signal) const;
  /// Passes on what stderr holds now. `prefix` goes before each line.
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
  std::string line_;  // stderr since the last line end
  std::string last_line_;
};

/// `text` without terminal escape sequences.
std::string without_colours(const std::string& text);

}  // namespace mkt::distributed
