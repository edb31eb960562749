#pragma once
// Shows progress on stderr: on a terminal, a line that is updated in place; otherwise, a log line every 15
// seconds.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/stopwatch.h"

namespace mkt {

/// Formats a rate with about three significant digits: "0.29", "14.2", "1120".
std::string rate_text(double rate);

class Progress {
 public:
  /// `what`: name of the task ("epoch 3/20"). `unit`: name of the counted items ("images"). `before`: number
  /// of units done in an earlier run; they count toward the total, but not toward the rate.
  Progress(std::string what, std::int64_t total, std::string unit, std::int64_t before = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Sets the number of units done so far. `detail` is shown after rate and remaining time ("loss 0.93").
  void update(std::int64_t done, const std::string& detail = "");
  /// Removes the line from the terminal until the next update, so that other output can be printed. Log
  /// functions do this automatically.
  void clear() const;
  /// Average number of units per second since the start.
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
