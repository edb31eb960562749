#include "core/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "core/text.h"

namespace mkt {
namespace {

std::atomic<int> delays{0};
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

/// Made beforehand: a signal handler may not allocate.
std::string& last_words(int signal) {
  static std::string of_sigterm;
  static std::string of_sigint;
  return signal == SIGTERM ? of_sigterm : of_sigint;
}

void end_process(int signal) {
  const std::string& text = last_words(signal);
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
  _exit(128 + signal);
}

void handle(int signal) {
  received = signal;
  if (delays == 0) end_process(signal);
}

}  // namespace

void end_on_signals(const std::string& program) {
  const char* over_progress = isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "";
  for (const int signal : {SIGTERM, SIGINT}) {
    last_words(signal) = cat(over_progress, program, ": stopped by signal ", signal, "\n");
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
