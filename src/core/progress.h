#pragma once
// Progress of long work on stderr: a line that renews itself on a terminal, a plain line now and then
// elsewhere.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/stopwatch.h"

namespace mkt {

/// Units a second with about three digits: "0.29", "14.2", "1120".
std::string rate_text(double rate);

class Progress {
 public:
  /// `what` names the work ("epoch 3/20"), `unit` what is counted ("images"); `before` of them were done
  /// earlier.
  Progress(std::string what, std::int64_t total, std::string unit, std::int64_t before = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` units so far; `detail` is shown behind rate and time left ("loss 0.93").
  void update(std::int64_t done, const std::string& detail = "");
  /// Takes the line off the terminal, until the next update: for output of another kind. The log does so
  /// itself.
  void clear() const;
  /// Units a second since the start.
  double rate() const;

 private:
  std::string line(const std::string& detail) const;
  void show(const std::string& detail);

  std::string what_;
  std::string unit_;
  std::int64_t total_;
  std::int64_t before_;
  std::int64_t done_ = 0;
  bool terminal_;
  Stopwatch stopwatch_;
  std::chrono::steady_clock::time_point last_shown_;
};

}  // namespace mkt
