#include "mkt/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace mkt {
namespace {

TEST(KeyedRandom, DependsOnItsKeyOnly) {
  KeyedRandom a({1, 2, 3});
  KeyedRandom b({1, 2, 3});
  KeyedRandom c({1, 3, 2});
  const auto first = a.bits();
  EXPECT_EQ(first, b.bits());
  EXPECT_NE(first, c.bits());
}

TEST(KeyedRandom, HasTheMomentsOfItsDistributions) {
  KeyedRandom random({42});
  double uniform_sum = 0;
  double normal_sum = 0;
  double normal_squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    uniform_sum += random.uniform();
    const double x = random.normal();
    normal_sum += x;
    normal_squares += x * x;
  }
  EXPECT_NEAR(uniform_sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(normal_sum / kDraws, 0.0, 0.015);
  EXPECT_NEAR(normal_squares / kDraws, 1.0, 0.02);
}

TEST(KeyedRandom, BelowReachesAllNumbersBelowTheBound) {
  KeyedRandom random({7});
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.below(15));
  EXPECT_EQ(seen.size(), 15U);
  EXPECT_EQ(*seen.rbegin(), 14U);
}

TEST(Permutation, ContainsEachIndexOnceAndDependsOnItsKey) {
  auto order = permutation(100, KeyedRandom({1}));
  EXPECT_NE(order, permutation(100, KeyedRandom({2})));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace mkt
