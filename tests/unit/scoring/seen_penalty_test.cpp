#include "scoring/seen_penalty.h"

#include <gtest/gtest.h>

#include "mkt/metrics/f1.h"
#include "support/formula.h"
#include "support/message.h"
#include "unit/scoring/scored_example.h"

namespace mkt::scoring {
namespace {

constexpr std::int64_t kSeenLabels = 9;

torch::Tensor penalty_scores() {
  torch::Tensor scores = test::formula_tensor("penalty/scores", {40, 15}, -1, 1);
  scores.slice(1, 0, kSeenLabels) += 0.4;  // training favours them
  return scores;
}

/// Labels that tend to be present where the score is high: -1, 0 and 1.
torch::Tensor penalty_labels() {
  const torch::Tensor noise = test::formula_tensor("penalty/labels", {40, 15}, -1, 1);
  torch::Tensor plain = penalty_scores();
  plain.slice(1, 0, kSeenLabels) -= 0.4;
  return ((plain + noise).gt(0.8).to(torch::kInt8) * 2 - 1) * noise.abs().gt(0.05).to(torch::kInt8);
}

double f1_of(double penalty, std::int64_t k) {
  return metrics::f1_at_k(penalised(penalty_scores(), kSeenLabels, penalty), penalty_labels(), k).f1;
}

TEST(SeenPenalty, IsSubtractedFromTheSeenLabelsInDeviationsOfTheImage) {
  const torch::Tensor result = penalised(penalty_scores(), kSeenLabels, 0.25);
  torch::Tensor expected = penalty_scores().slice(1, 0, kSeenLabels).clone();
  for (std::int64_t image = 0; image < expected.size(0); ++image) {
    const torch::Tensor row = penalty_scores()[image].to(torch::kFloat64);
    expected[image] -= 0.25 * ((row - row.mean()).square().sum() / 14).sqrt().item<double>();
  }
  EXPECT_TRUE(torch::equal(result.slice(1, kSeenLabels), penalty_scores().slice(1, kSeenLabels)));
  EXPECT_TRUE(torch::allclose(result.slice(1, 0, kSeenLabels), expected, 0, 1e-6));
}

TEST(SeenPenalty, IsTheBestOfAFineGrid) {
  for (const std::int64_t k : {1, 3, 5, 12, 15}) {
    const double fitted = fit_seen_penalty(penalty_scores(), penalty_labels(), kSeenLabels, k);
    const double reached = f1_of(fitted, k);
    for (int step = -300; step <= 300; ++step)
      EXPECT_GE(reached, f1_of(step / 100.0, k) - 1e-12) << k << step;
  }
  EXPECT_GT(f1_of(fit_seen_penalty(penalty_scores(), penalty_labels(), kSeenLabels, 3), 3),
            f1_of(0, 3) + 0.01);
}

TEST(SeenPenalty, IsZeroIfNothingIsBetter) {
  EXPECT_EQ(fit_seen_penalty(penalty_scores(), torch::full({40, 15}, -1, torch::kInt8), kSeenLabels, 3), 0);
  EXPECT_EQ(fit_seen_penalty(penalty_scores(), penalty_labels(), kSeenLabels, 15), 0)
      << "all labels are chosen";
}

TEST(SeenPenalty, MovesF1OfGzslAndNothingElse) {
  MetricOptions options;
  options.k = {1};
  const EvaluationResult plain = evaluate(example_scores(), example_dataset(), options);
  ScoredImages moved = example_scores();
  moved.gzsl = penalised(moved.gzsl, 1, -3);
  const double expected = evaluate(moved, example_dataset(), options).gzsl.f1.at(0).value.f1;
  options.seen_penalty = -3;
  const EvaluationResult result = evaluate(example_scores(), example_dataset(), options);
  EXPECT_EQ(result.gzsl.map, plain.gzsl.map);
  EXPECT_EQ(result.zsl.map, plain.zsl.map);
  EXPECT_EQ(to_json(result, example_dataset())["zsl"], to_json(plain, example_dataset())["zsl"]);
  EXPECT_EQ(result.gzsl.f1.at(0).value.f1, expected);
  EXPECT_NE(expected, plain.gzsl.f1.at(0).value.f1);
}

TEST(SeenPenalty, NeedsSeenAndUnseenLabels) {
  EXPECT_EQ(test::message_of([] { fit_seen_penalty(penalty_scores(), penalty_labels(), 0, 3); }),
            "fit-seen-penalty: expected seen and unseen labels, got 0 seen of 15. Use a data set with both.");
  EXPECT_EQ(test::message_of([] { fit_seen_penalty(penalty_scores(), penalty_labels(), kSeenLabels, 16); }),
            "fit-seen-penalty: expected k of 1 to 15, got 16.");
}

}  // namespace
}  // namespace mkt::scoring
