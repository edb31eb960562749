#include "metrics/ties.h"

#include <gtest/gtest.h>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::metrics {
namespace {

/// The reference: compares all pairs of annotated images.
double by_pairs(const torch::Tensor& scores, const torch::Tensor& labels) {
  const torch::Tensor own = scores.masked_select(labels.ne(0));
  if (own.numel() == 0) return 0;
  const torch::Tensor equal = own.unsqueeze(0).eq(own.unsqueeze(1)).sum(1);  // includes the image itself
  return equal.gt(1).to(torch::kFloat64).mean().item<double>();
}

TEST(TiedShare, AgreesWithComparingAllPairs) {
  for (const double steps : {3.0, 40.0, 1000.0, 1e9}) {
    const torch::Tensor scores = (test::formula_tensor("ties/scores", {90, 37}, -1, 1) * steps).round();
    const torch::Tensor drawn = test::formula_tensor("ties/labels", {90, 37}, 0, 1);
    const torch::Tensor labels = drawn.lt(0.2).to(torch::kInt8) - drawn.gt(0.5).to(torch::kInt8);
    const torch::Tensor shares = tied_share(scores, labels);
    for (std::int64_t c = 0; c < scores.size(1); ++c) {
      EXPECT_DOUBLE_EQ(shares[c].item<double>(), by_pairs(scores.select(1, c), labels.select(1, c))) << c;
    }
  }
}

TEST(TiedShare, CountsAnnotatedImagesOnly) {
  const torch::Tensor scores = torch::tensor({{0.5F, 0.5F}, {0.5F, 0.5F}, {0.1F, 0.5F}, {-0.0F, 0.0F}});
  EXPECT_TRUE(torch::equal(tied_share(scores, torch::tensor({{1, 1}, {-1, 0}, {-1, 0}, {1, -1}})),
                           torch::tensor({0.5, 0.0}, torch::kFloat64)));
  EXPECT_TRUE(torch::equal(tied_share(torch::tensor({{0.0F}, {-0.0F}, {1.0F}}), torch::ones({3, 1})),
                           torch::tensor({2.0 / 3}, torch::kFloat64)));
  EXPECT_EQ(tied_share(torch::ones({3, 1}), torch::zeros({3, 1})).item<double>(), 0);
}

TEST(TiedShare, RejectsOtherShapes) {
  EXPECT_NE(
      test::message_of([] { tied_share(torch::ones({2}), torch::ones({2})); }).find("expected the same"),
      std::string::npos);
}

}  // namespace
}  // namespace mkt::metrics
