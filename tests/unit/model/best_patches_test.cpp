#include "model/best_patches.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

/// The reference for mean_of_best(): sorts each row in descending order and averages its first k values, in
/// double precision.
torch::Tensor by_sorting(const torch::Tensor& rows, std::int64_t k) {
  const torch::Tensor sorted = std::get<0>(rows.sort(-1, /*descending=*/true));
  return sorted.narrow(-1, 0, k).to(torch::kFloat64).mean(-1).to(torch::kFloat32);
}

TEST(MeanOfBest, EqualsTheMeanOfTheFirstSortedScores) {
  const torch::Tensor rows = test::formula_tensor("products", {2, 30, 49}, -1, 1);
  for (const std::int64_t k : {1, 2, 16, 48, 49}) {
    EXPECT_TRUE(torch::allclose(mean_of_best(rows, k), by_sorting(rows, k), 0, 1e-7)) << k;
  }
}

TEST(MeanOfBest, CountsEqualScoresSeparately) {
  const torch::Tensor rows = torch::tensor({{1.0F, 2.0F, 2.0F, 2.0F, 0.0F}, {3.0F, 3.0F, 3.0F, 3.0F, 3.0F}});
  EXPECT_TRUE(mean_of_best(rows, 4).equal(torch::tensor({1.75F, 3.0F})));
  const torch::Tensor drawn = (test::formula_tensor("equal", {40, 60}, -1, 1) * 4).round();
  EXPECT_TRUE(mean_of_best(drawn, 16).equal(by_sorting(drawn, 16)));
}

TEST(MeanOfBest, HandlesRowsInAnyOrderAndInfinity) {
  const torch::Tensor rising = torch::arange(100, torch::kFloat32).unsqueeze(0);
  EXPECT_EQ(mean_of_best(rising, 10).item<float>(), 94.5F);
  EXPECT_EQ(mean_of_best(rising.flip(-1), 10).item<float>(), 94.5F);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(mean_of_best(torch::tensor({{-infinity, 1.0F, 3.0F}}), 2).item<float>(), 2.0F);
  EXPECT_EQ(mean_of_best(torch::tensor({{0.0F, infinity, 3.0F}}), 2).item<float>(), infinity);
}

TEST(MeanOfBest, PropagatesNan) {
  torch::Tensor rows = torch::zeros({2, 8});
  rows[1][7] = std::numeric_limits<float>::quiet_NaN();
  const torch::Tensor means = mean_of_best(rows, 2);
  EXPECT_EQ(means[0].item<float>(), 0.0F);
  EXPECT_TRUE(std::isnan(means[1].item<float>()));
}

TEST(MeanOfBest, RefusesOtherRowsAndK) {
  EXPECT_EQ(test::message_of([] {
              mean_of_best(torch::zeros({2, 8}), 9);
            }),
            "mean_of_best: expected k of 1 to 8, got 9.");
  EXPECT_EQ(test::message_of([] {
              mean_of_best(torch::zeros({2, 8}, torch::kFloat64), 2);
            }),
            "mean_of_best: expected float32 rows on the CPU, got Double [2, 8] on cpu.");
}

}  // namespace
}  // namespace mkt::model
