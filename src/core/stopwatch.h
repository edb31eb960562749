#pragma once
// How long something takes, by a clock that nobody sets.

#include <chrono>

namespace mkt {

class Stopwatch {
 public:
  /// Seconds since this was made.
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace mkt
