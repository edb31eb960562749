#include "mkt/metrics/confusion.h"

#include <gtest/gtest.h>

#include "support/formula.h"

namespace mkt::metrics {
namespace {

TEST(Confusion, CountsAbsentLabelsAboveAPresentOne) {
  const torch::Tensor scores =
      torch::tensor({{0.5F, 0.9F, 0.7F}, {0.5F, 0.1F, 0.7F}, {0.5F, 0.5F, 0.9F}, {0.1F, 0.2F, 0.3F}});
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {1, -1, -1}, {1, -1, 1}, {-1, -1, 1}});
  const Confusion counts = count_confusion(scores, labels);
  EXPECT_EQ(counts.above[0][1].item<int>(), 1);  // equal scores do not count
  EXPECT_EQ(counts.images[0][1].item<int>(), 3);
  EXPECT_EQ(counts.above[0][2].item<int>(), 1);  // label 2 is not annotated in image 0 and present in image 2
  EXPECT_EQ(counts.images[0][2].item<int>(), 1);
  EXPECT_EQ(counts.above[2].sum().item<int>(), 0);
  EXPECT_EQ(counts.above[1].sum().item<int>(), 0);  // label 1 is never present
}

TEST(Confusion, AgreesWithComparingAllPairs) {
  const torch::Tensor scores = test::formula_tensor("confusion/scores", {60, 7}, 0, 1);
  const torch::Tensor labels =
      test::formula_tensor("confusion/labels", {60, 7}, -1.5, 1.5).round().to(torch::kInt8);
  const Confusion counts = count_confusion(scores, labels);
  const torch::Tensor pair = labels.eq(1).unsqueeze(2).logical_and(labels.eq(-1).unsqueeze(1));  // (N, a, b)
  const torch::Tensor above = pair.logical_and(scores.unsqueeze(1) > scores.unsqueeze(2));
  EXPECT_TRUE(torch::equal(counts.images, pair.sum(0)));
  EXPECT_TRUE(torch::equal(counts.above, above.sum(0)));
  EXPECT_GT(counts.above.sum().item<int>(), 0);
}

}  // namespace
}  // namespace mkt::metrics
