#include "mkt/metrics/curve.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::metrics {
namespace {

/// Makes scores on a coarse grid, so that many are equal.
torch::Tensor curve_scores() {
  return (test::formula_tensor("curve/scores", {40, 12}, 0, 1) * 20).floor() / 20;
}

torch::Tensor curve_labels() {
  const torch::Tensor drawn = test::formula_tensor("curve/labels", {40, 12}, 0, 1);
  return torch::where(drawn < 0.2, 1, torch::where(drawn < 0.3, 0, -1)).to(torch::kInt8);
}

TEST(PrecisionRecallCurve, AgreesWithCountingAtEachThreshold) {
  const torch::Tensor scores = curve_scores();
  const torch::Tensor labels = curve_labels();
  const auto curve = precision_recall_curve(scores, labels, 1000);
  const torch::Tensor thresholds = std::get<0>(at::_unique(scores.masked_select(labels.eq(1))));
  ASSERT_EQ(static_cast<std::int64_t>(curve.size()), thresholds.size(0));
  double last = std::numeric_limits<double>::infinity();
  for (const CurvePoint& point : curve) {
    EXPECT_LT(point.threshold, last);
    last = point.threshold;
    const torch::Tensor predicted = scores.ge(point.threshold).logical_and(labels.ne(0));
    const auto hits = predicted.logical_and(labels.eq(1)).sum().item<double>();
    EXPECT_DOUBLE_EQ(point.precision, hits / predicted.sum().item<double>());
    EXPECT_DOUBLE_EQ(point.recall, hits / labels.eq(1).sum().item<double>());
  }
  EXPECT_DOUBLE_EQ(curve.back().recall, 1);
}

TEST(PrecisionRecallCurve, HasAtMostTheRequestedPointsAndKeepsTheEnds) {
  const auto whole = precision_recall_curve(curve_scores(), curve_labels(), 1000);
  const auto few = precision_recall_curve(curve_scores(), curve_labels(), 5);
  EXPECT_LE(few.size(), 5U);
  EXPECT_GE(few.size(), 3U);
  EXPECT_EQ(few.front().threshold, whole.front().threshold);
  EXPECT_EQ(few.back().threshold, whole.back().threshold);
}

TEST(PrecisionRecallCurve, IsEmptyIfNothingIsPresent) {
  EXPECT_TRUE(precision_recall_curve(curve_scores(), torch::full({40, 12}, -1, torch::kInt8)).empty());
}

TEST(PrecisionRecallCurve, RejectsASinglePoint) {
  EXPECT_EQ(test::message_of([] { precision_recall_curve(curve_scores(), curve_labels(), 1); }),
            "points: expected at least 2, got 1. Ask for more.");
}

}  // namespace
}  // namespace mkt::metrics
