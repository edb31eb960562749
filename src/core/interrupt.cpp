#include "core/interrupt.h"

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "core/hangup.h"
#include "mkt/core/error.h"

namespace mkt {
namespace {

std::atomic<int> delays{0};
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

/// The message that handle() prints for `signal`. Formatted in advance, because a signal handler must not
/// allocate memory.
std::string& last_line(int signal) {
  static std::string of_sigterm;
  static std::string of_sigint;
  static std::string of_sighup;
  return signal == SIGTERM ? of_sigterm : signal == SIGINT ? of_sigint : of_sighup;
}

void end_process(int signal) {
  const std::string& text = last_line(signal);
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
  _exit(signal == SIGINT ? kExitInterrupted : kExitTerminated);
}

void handle(int signal) {
  received = signal;
  if (delays == 0) end_process(signal);
}

}  // namespace

void end_on_signals(const std::string& program) {
  const char* over_progress = isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "";
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    if (signal == SIGHUP && ignores_hangup()) continue;
    last_line(signal) = fmt::format("{}{}: stopped by signal {}\n", over_progress, program, signal);
    std::signal(signal, handle);
  }
  std::signal(SIGPIPE, SIG_DFL);
}

InterruptDelay::InterruptDelay() {
  ++delays;
}

InterruptDelay::~InterruptDelay() {
  if (--delays == 0 && received != 0) end_process(received);
}

}  // namespace mkt
