#include "core/memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace mkt {
namespace {

TEST(PeakMemory, GrowsWithAllocationsAndStaysAfterTheirRelease) {
  constexpr std::size_t kMib = 1U << 20U;
  constexpr std::size_t kHeld = 256;
  const double before = peak_memory_mib();
  EXPECT_GT(before, 1);
  { const std::vector<char> held(kHeld * kMib, 'x'); }
  const double after = peak_memory_mib();
  EXPECT_GT(after, kHeld);
  EXPECT_LT(after, before + kHeld + 64);
}

}  // namespace
}  // namespace mkt
