#include "core/stopwatch.h"

#include <gtest/gtest.h>

#include <thread>

namespace mkt {
namespace {

TEST(Stopwatch, CountsSecondsSinceConstruction) {
  const auto before = std::chrono::steady_clock::now();
  const Stopwatch stopwatch;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double seconds = stopwatch.seconds();
  const std::chrono::duration<double> bound = std::chrono::steady_clock::now() - before;
  EXPECT_GE(seconds, 0.02);
  EXPECT_LE(seconds, bound.count());
}

}  // namespace
}  // namespace mkt
