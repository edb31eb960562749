#pragma once
// Helpers that run commands in tests and write their stderr to files.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/stopwatch.h"

namespace mkt::test {

/// Waits until `done()` is true; returns false if it is not within `seconds`.
template <typename Condition>
bool wait_until(const Condition& done, double seconds) {
  const Stopwatch watch;
  while (!done()) {
    if (watch.seconds() > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Returns the command line that launches `count` ranks of the rank program with `arguments`.
inline std::vector<std::string> ranks(int count, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {MKT_TEST_RANK, "launch", std::to_string(count)});
  return arguments;
}

/// Runs `arguments` in a new process group with extra environment variables ("NAME=value"). The destructor
/// kills the group if the command is still running.
class Command {
 public:
  explicit Command(std::vector<std::string> arguments, std::vector<std::string> variables = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "mkt_command_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    const std::string stderr_path = folder_ + "/stderr";
    arguments.insert(arguments.begin(), variables.begin(), variables.end());
    arguments.insert(arguments.begin(), "env");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      setpgid(0, 0);
      if (std::freopen(stderr_path.c_str(), "w", stderr) == nullptr) _exit(126);
      execvp(argv[0], argv.data());
      _exit(127);
    }
  }
  ~Command() {
    if (running_) {
      kill(-pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& folder() const { return folder_; }

  /// Returns the exit code (128 + n for signal n), or -1 if the command is still running after `seconds`.
  int wait(double seconds) {
    int status = 0;
    if (!wait_until([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, seconds)) return -1;
    running_ = false;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  std::string stderr_text() const {
    std::ostringstream text;
    text << std::ifstream(folder_ + "/stderr").rdbuf();
    return text.str();
  }

 private:
  pid_t pid_ = -1;
  bool running_ = true;
  std::string folder_;
};

/// A temporary folder to which ranks write their process ids.
class RankFolder {
 public:
  RankFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mkt_ranks_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~RankFolder() { std::filesystem::remove_all(path_); }
  RankFolder(const RankFolder&) = delete;
  RankFolder& operator=(const RankFolder&) = delete;

  const std::string& path() const { return path_; }

  /// Waits until a rank has written its process id and returns it; returns 0 after 20 seconds.
  pid_t pid(int rank) const {
    pid_t found = 0;
    wait_until([&] { return (std::ifstream(fmt::format("{}/{}", path_, rank)) >> found) && found > 0; }, 20);
    return found;
  }

 private:
  std::string path_;
};

}  // namespace mkt::test
