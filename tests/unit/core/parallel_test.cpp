#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace mkt {
namespace {

TEST(ParallelFor, CallsEveryIndexOnce) {
  std::vector<std::atomic<int>> calls(1000);
  parallel_for(1000, 4, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
  for (const auto& count : calls) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, RethrowsTheFirstExceptionAndStops) {
  std::atomic<int> calls{0};
  EXPECT_THROW(parallel_for(1000000, 3,
                            [&](std::int64_t) {
                              ++calls;
                              throw std::runtime_error("broken");
                            }),
               std::runtime_error);
  EXPECT_LE(calls, 3);
}

}  // namespace
}  // namespace mkt
