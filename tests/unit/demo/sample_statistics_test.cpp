#include "demo/sample_statistics.h"

#include <gtest/gtest.h>

#include "support/message.h"

namespace mkt::demo {
namespace {

TEST(Statistics, ComputesMeanAndSampleDeviation) {
  const auto all = mean_and_deviation({1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(all.mean, 2.5);
  EXPECT_NEAR(all.deviation, 1.2909944487, 1e-9);
  EXPECT_EQ(mean_and_deviation({5}).deviation, 0);
  EXPECT_EQ(mkt::test::message_of([] { mean_and_deviation({}); }),
            "mean: expected at least one value, got none.");
}

/// Values of printed tables: two-sided 5 %.
TEST(Statistics, QuantilesAreThoseOfTables) {
  EXPECT_NEAR(t_quantile(1), 12.7062, 1e-4);
  EXPECT_NEAR(t_quantile(2), 4.30265, 1e-5);
  EXPECT_NEAR(t_quantile(3), 3.18245, 1e-5);
  EXPECT_NEAR(t_quantile(4), 2.77645, 1e-5);
  EXPECT_NEAR(t_quantile(5), 2.57058, 1e-5);
  EXPECT_NEAR(t_quantile(9), 2.26216, 1e-5);
  EXPECT_NEAR(t_quantile(10), 2.22814, 1e-5);
  EXPECT_NEAR(t_quantile(30), 2.04227, 1e-5);
  EXPECT_NEAR(t_quantile(120), 1.97993, 1e-5);
  EXPECT_NE(mkt::test::message_of([] { t_quantile(0); }).find("got 0"), std::string::npos);
}

TEST(Statistics, PairsBeforeItTakesMeans) {
  const auto difference = paired_difference({12, 23, 34, 41, 57}, {10, 20, 30, 40, 50});
  EXPECT_EQ(difference.each, (std::vector<double>{2, 3, 4, 1, 7}));
  EXPECT_DOUBLE_EQ(difference.all.mean, 3.4);
  EXPECT_NEAR(difference.all.deviation, 2.302173, 1e-6);
  EXPECT_NEAR(difference.half_width.value(), 2.77645 * 2.302173 / 2.236068, 1e-4);
  EXPECT_TRUE(difference.differs_from_zero());  // 3.4 > 2.86
  EXPECT_FALSE(paired_difference({12, 19, 34}, {10, 20, 30}).differs_from_zero());
  EXPECT_TRUE(paired_difference({9, 18, 26}, {10.1, 19, 27}).differs_from_zero());
}

TEST(Statistics, OnePairHasNoInterval) {
  const auto difference = paired_difference({3}, {1});
  EXPECT_FALSE(difference.half_width.has_value());
  EXPECT_FALSE(difference.differs_from_zero());
  EXPECT_EQ(mkt::test::message_of([] {
              paired_difference({1, 2}, {1});
            }),
            "differences: expected 1 values as in the base, got 2.");
}

}  // namespace
}  // namespace mkt::demo
