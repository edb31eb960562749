#include "distributed/rank_process.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/text.h"

namespace mkt::distributed {
namespace {

constexpr int kSignalBase = 128;
constexpr int kCannotStart = 127;  // the shell's exit code for a command that is not found

/// Returns the null-terminated array for argv or envp. Valid as long as `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void write_all(int fd, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) return;  // no process reads the output any more
    if (count > 0) written += static_cast<std::size_t>(count);
  }
}

/// Executes the rank's program in the forked child. Uses only functions that are allowed between fork and
/// exec.
[[noreturn]] void become(char* const* argv, char* const* envp, pid_t parent, int stderr_pipe) {
  setpgid(0, 0);  // Ctrl-C then reaches only the launcher, which forwards it once
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kSignalBase + SIGKILL);  // the parent has died before prctl
  if (stderr_pipe >= 0) dup2(stderr_pipe, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  execvpe(argv[0], argv, envp);
  const std::array<const char*, 4> message = {argv[0], ": cannot be started: ", strerrordesc_np(errno), "\n"};
  for (const char* part : message) {
    if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
  }
  _exit(kCannotStart);
}

}  // namespace

std::string without_colours(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1B' && i + 1 < text.size() && text[i + 1] == '[') {
      i = std::min(text.find_first_of("ABCDEFGHJKSTfhlmnsu", i), text.size() - 1);
    } else {
      plain += text[i];
    }
  }
  return plain;
}

RankProcess::RankProcess(int rank, const std::vector<std::string>& arguments, const Environment& environment,
                         bool raw_stderr)
    : rank_(rank) {
  std::array<int, 2> ends = {-1, -1};
  if (!raw_stderr) {
    TORCH_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0, "rank ", rank,
                ": a pipe for its stderr cannot be created: ", std::strerror(errno),
                ". Raise the limit of open files.");
  }
  stderr_fd_ = ends[0];
  start(arguments, environment, ends[1]);
  if (ends[1] >= 0) close(ends[1]);
  TORCH_CHECK(pid_ > 0, "rank ", rank, ": its process cannot be started: ", std::strerror(errno),
              ". Start fewer ranks or raise the limit of processes.");
  if (stderr_fd_ >= 0) fcntl(stderr_fd_, F_SETFL, O_NONBLOCK);
  running_ = true;
}

RankProcess::~RankProcess() {
  if (running_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (stderr_fd_ >= 0) close(stderr_fd_);
}

void RankProcess::start(const std::vector<std::string>& arguments, const Environment& environment,
                        int stderr_pipe) {
  std::vector<std::string> argument_texts = arguments;
  std::vector<std::string> variable_texts;
  for (const auto& [name, value] : environment) variable_texts.push_back(fmt::format("{}={}", name, value));
  const std::vector<char*> argv = pointers(argument_texts);
  const std::vector<char*> envp = pointers(variable_texts);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(argv.data(), envp.data(), parent, stderr_pipe);
}

bool RankProcess::reap() {
  int status = 0;
  if (!running_ || waitpid(pid_, &status, WNOHANG) != pid_) return false;
  running_ = false;
  end_signal_ = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit_code_ = end_signal_ != 0 ? kSignalBase + end_signal_ : WEXITSTATUS(status);
  return true;
}

void RankProcess::send_signal(int signal) const {
  if (running_) kill(pid_, signal);
}

void RankProcess::relay_stderr() {
  std::array<char, 4096> buffer{};
  while (stderr_fd_ >= 0) {
    const ssize_t count = read(stderr_fd_, buffer.data(), buffer.size());
    if (count > 0) {
      relay(buffer.data(), static_cast<std::size_t>(count));
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (!line_.empty()) relay("\n", 1);
    close(stderr_fd_);
    stderr_fd_ = -1;
  }
}

void RankProcess::relay(const char* data, std::size_t size) {
  if (rank_ == 0) write_all(STDERR_FILENO, std::string(data, size));
  for (std::size_t i = 0; i < size; ++i) {
    line_ += data[i];
    if (data[i] == '\n' || data[i] == '\r') end_line();
  }
}

void RankProcess::end_line() {
  const std::string text = trim(without_colours(line_));
  if (!text.empty()) last_line_ = text;
  if (rank_ > 0) write_all(STDERR_FILENO, fmt::format("[rank {}] {}", rank_, line_));
  line_.clear();
}

}  // namespace mkt::distributed
