#include "core/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/log.h"
#include "core/status_line.h"
#include "core/text.h"

namespace mkt {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTerminalPeriod{100};
constexpr std::chrono::seconds kPlainPeriod{15};

}  // namespace

std::string rate_text(double rate) {
  return fixed_text(rate, rate < 10 ? 2 : rate < 100 ? 1 : 0);
}

Progress::Progress(std::string what, std::int64_t total, std::string unit, std::int64_t before)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      before_(before),
      terminal_(isatty(STDERR_FILENO) == 1 && log::on_console(log::Level::kInfo)),
      last_shown_(Clock::now()) {}

Progress::~Progress() {
  clear();
}

void Progress::clear() const {
  status_line::clear();
}

void Progress::update(std::int64_t done, const std::string& detail) {
  done_ = done;
  const auto now = Clock::now();
  const bool due = terminal_ ? now - last_shown_ >= kTerminalPeriod : now - last_shown_ >= kPlainPeriod;
  if (!due) return;
  last_shown_ = now;
  show(detail);
}

double Progress::rate() const {
  return static_cast<double>(done_ - before_) / std::max(stopwatch_.seconds(), 1e-9);
}

std::string Progress::line(const std::string& detail) const {
  std::string text = fmt::format("{}: {}/{} {}, {}/s", what_, done_, total_, unit_, rate_text(rate()));
  if (done_ > before_) {
    text += fmt::format(", {} left", duration_text(static_cast<double>(total_ - done_) / rate()));
  }
  if (!detail.empty()) text += ", " + detail;
  return text;
}

void Progress::show(const std::string& detail) {
  if (!terminal_) return log::info(line(detail));
  status_line::show(line(detail));
}

}  // namespace mkt
