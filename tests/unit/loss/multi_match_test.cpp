#include "mkt/loss/multi_match.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cases.h"
#include "support/message.h"

namespace mkt::loss {
namespace {

using test::LossResult;

LossResult multi_match(const torch::Tensor& logits, const torch::Tensor& labels, double scale,
                       const GatherRows& gather = {}) {
  return test::with_gradient(
      logits, [&](const torch::Tensor& leaf) { return multi_match_loss(leaf, labels, scale, gather); });
}

/// The reference: the formula pair by pair, in double precision.
LossResult naive_match(const torch::Tensor& logits, const torch::Tensor& labels, double scale) {
  return test::with_gradient(logits.to(torch::kFloat64), [&](const torch::Tensor& leaf) {
    const torch::Tensor of_annotated = torch::exp(scale * leaf.masked_select(labels.ne(0)));
    const torch::Tensor of_present = torch::exp(scale * leaf.masked_select(labels.eq(1)));
    return -torch::log(of_present / of_annotated.sum()).mean();
  });
}

TEST(MultiMatchLoss, AgreesWithTheFormula) {
  for (const double range : {0.05, 0.5, 2.0}) {
    const torch::Tensor logits = test::formula_tensor("match/logits", {6, 90}, -range, range);
    for (const double present : {0.02, 0.2}) {
      const torch::Tensor labels = test::random_labels("match/labels", 6, 90, present);
      for (const double scale : {1.0, 20.0}) {
        const LossResult expected = naive_match(logits, labels, scale);
        const LossResult got = multi_match(logits, labels, scale);
        test::expect_close(got.loss / expected.loss, torch::ones({}), 1e-6);
        test::expect_close(got.gradient, expected.gradient, 1e-6 * scale);
      }
    }
  }
}

/// Losses of several ranks with their rows of the batch. A rank without rows takes part without images.
std::vector<LossResult> of_ranks(const std::vector<std::pair<torch::Tensor, torch::Tensor>>& ranks,
                                 double scale) {
  std::vector<torch::Tensor> rows;
  const auto run = [&](std::size_t rank, const GatherRows& gather) -> LossResult {
    const auto& [logits, labels] = ranks[rank];
    if (logits.size(0) > 0) return multi_match(logits, labels, scale, gather);
    skip_multi_match_loss(gather, torch::kCPU);
    return {};
  };
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {  // a rank's row depends only on its own batch
    run(rank, [&](const torch::Tensor& row) {
      rows.push_back(row);
      return row.unsqueeze(0);
    });
  }
  std::vector<LossResult> results;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    results.push_back(run(rank, [&](const torch::Tensor& row) {
      EXPECT_TRUE(torch::allclose(row, rows[rank], 0, 0, /*equal_nan=*/true));
      return torch::stack(rows);
    }));
  }
  return results;
}

TEST(MultiMatchLoss, OfUnequalRanksEqualsThatOfTheWholeBatch) {
  const torch::Tensor logits = test::formula_tensor("match/ranks", {7, 40}, -1, 1).to(torch::kFloat64);
  const torch::Tensor labels = test::random_labels("match/ranks-labels", 7, 40, 0.2);
  const LossResult whole = multi_match(logits, labels, 20);
  const auto part = [&](std::int64_t first, std::int64_t last) {
    return std::pair(logits.slice(0, first, last), labels.slice(0, first, last));
  };
  const auto got = of_ranks({part(0, 2), part(2, 2), part(2, 7)}, 20);  // the second rank has no image
  for (const std::size_t rank : {0U, 2U}) test::expect_close(got[rank].loss, whole.loss, 1e-12);
  // As StepSums weights batches: by images, divided by the sum of the weights.
  const torch::Tensor summed = torch::cat({got[0].gradient * (2.0 / 7), got[2].gradient * (5.0 / 7)});
  test::expect_close(summed, whole.gradient, 1e-12);
  EXPECT_GT(whole.gradient.abs().max().item<double>(), 1e-3);
}

TEST(MultiMatchLoss, IsNotFiniteOnAnyRankIfALogitIsNot) {
  torch::Tensor logits = torch::zeros({2, 3});
  logits[1][2] = std::numeric_limits<float>::quiet_NaN();  // not annotated
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {1, -1, 0}}, torch::kInt8);
  const auto got = of_ranks(
      {{logits.slice(0, 0, 1), labels.slice(0, 0, 1)}, {logits.slice(0, 1, 2), labels.slice(0, 1, 2)}}, 20);
  for (const LossResult& result : got) EXPECT_FALSE(result.loss.isfinite().item<bool>());
  test::expect_not_finite(
      [](const torch::Tensor& scores, const torch::Tensor& of) { return multi_match_loss(scores, of, 20); });
}

TEST(MultiMatchLoss, IsTheLogarithmOfThePairsIfAllScoresAreEqual) {
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {-1, -1, 1}}, torch::kInt8);
  EXPECT_NEAR(multi_match(torch::full({2, 3}, 0.4), labels, 20).loss.item<double>(), std::log(5.0), 1e-6);
}

TEST(MultiMatchLoss, IsFiniteForDistantScores) {
  const torch::Tensor labels = torch::tensor({{1, -1}}, torch::kInt8);
  const LossResult far = multi_match(torch::tensor({{-1e4F, 1e4F}}), labels, 20);
  EXPECT_FLOAT_EQ(far.loss.item<float>(), 4e5F);
  EXPECT_TRUE(far.gradient.equal(torch::tensor({{-20.0F, 20.0F}}))) << far.gradient;
}

TEST(MultiMatchLoss, IsZeroWithoutPresentPairs) {
  const torch::Tensor logits = test::formula_tensor("match/none", {3, 5}, -1, 1);
  for (const int value : {-1, 0}) {
    const LossResult got = multi_match(logits, torch::full({3, 5}, value, torch::kInt8), 20);
    EXPECT_EQ(got.loss.item<float>(), 0) << value;
    EXPECT_EQ(got.gradient.abs().max().item<float>(), 0) << value;
  }
}

TEST(MultiMatchLoss, RejectsOtherShapes) {
  EXPECT_NE(test::message_of([] {
              multi_match_loss(torch::zeros({2, 3}), torch::zeros({2, 4}), 20);
            }).find("multi-match loss: expected logits and labels of one shape"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::loss
