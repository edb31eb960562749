#include "mkt/metrics/thresholds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::metrics {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kImages = 60;
constexpr std::int64_t kLabels = 7;

/// Makes scores with few distinct values, so that many are equal.
torch::Tensor some_scores(std::int64_t images = kImages) {
  return test::formula_tensor("thresholds/scores", {images, kLabels}, -1, 1).mul(20).round().div(20);
}

/// Makes labels -1, 0 and 1; a label is present more often if its score is high.
torch::Tensor some_labels(const torch::Tensor& scores) {
  const torch::Tensor draw = test::formula_tensor("thresholds/labels", scores.sizes().vec(), -1, 1);
  return torch::where(draw.abs().lt(0.1), 0, torch::where(draw.add(0.6).lt(scores), 1, -1)).to(torch::kInt8);
}

struct Found {
  double f1 = -1;
  double lowest = kInfinity;     ///< minimum score among the selected
  double greatest = -kInfinity;  ///< maximum score among those not selected
};

double f1_at(const std::vector<double>& scores, const std::vector<int>& labels, double threshold) {
  double hits = 0;
  double sizes = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (labels[i] == 0) continue;
    hits += scores[i] >= threshold && labels[i] == 1 ? 1 : 0;
    sizes += (scores[i] >= threshold ? 1 : 0) + (labels[i] == 1 ? 1 : 0);
  }
  return sizes == 0 ? 0 : 2 * hits / sizes;
}

/// The reference: tries every score as the threshold.
Found brute_force(const torch::Tensor& score_tensor, const torch::Tensor& label_tensor) {
  std::vector<double> scores;
  std::vector<int> labels;
  const torch::Tensor flat_scores = score_tensor.flatten();
  const torch::Tensor flat_labels = label_tensor.flatten();
  for (std::int64_t i = 0; i < flat_scores.size(0); ++i) {
    scores.push_back(flat_scores[i].item<float>());
    labels.push_back(flat_labels[i].item<int>());
  }
  Found best;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (labels[i] == 0) continue;
    const double f1 = f1_at(scores, labels, scores[i]);
    if (f1 > best.f1 || (f1 == best.f1 && scores[i] > best.lowest)) {
      best.f1 = f1;
      best.lowest = scores[i];
    }
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (labels[i] != 0 && scores[i] < best.lowest) best.greatest = std::max(best.greatest, scores[i]);
  }
  return best;
}

TEST(Thresholds, AgreeWithTryingEveryScore) {
  const torch::Tensor scores = some_scores();
  const torch::Tensor labels = some_labels(scores);
  const FittedThresholds fitted = fit_thresholds(scores, labels);
  double sum = 0;
  for (std::int64_t c = 0; c < kLabels; ++c) {
    const Found found = brute_force(scores.select(1, c), labels.select(1, c));
    EXPECT_DOUBLE_EQ(fitted.per_label[c].item<double>(), (found.lowest + found.greatest) / 2) << c;
    sum += found.f1;
  }
  const Found found = brute_force(scores, labels);
  EXPECT_DOUBLE_EQ(fitted.for_all, (found.lowest + found.greatest) / 2);
  EXPECT_NEAR(fitted.for_all_f1.micro, found.f1, 1e-12);
  EXPECT_NEAR(fitted.per_label_f1.macro, sum / kLabels, 1e-12);
  EXPECT_GT(fitted.per_label_f1.macro, fitted.for_all_f1.macro);
}

TEST(Thresholds, AreCheckedOnImagesTheyWereNotFittedTo) {
  const torch::Tensor scores = some_scores();
  const torch::Tensor labels = some_labels(scores);
  const FittedThresholds fitted = fit_thresholds(scores, labels);
  double hits = 0;
  double sizes = 0;
  for (std::int64_t image = 0; image < kImages; ++image) {
    std::vector<std::int64_t> others;
    for (std::int64_t i = 0; i < kImages; ++i) {
      if (i % 5 != image % 5) others.push_back(i);
    }
    const torch::Tensor rows = torch::tensor(others, torch::kInt64);
    const Found found = brute_force(scores.index_select(0, rows), labels.index_select(0, rows));
    for (std::int64_t c = 0; c < kLabels; ++c) {
      const int label = labels[image][c].item<int>();
      const bool chosen = scores[image][c].item<double>() >= (found.lowest + found.greatest) / 2;
      if (label == 0) continue;
      hits += chosen && label == 1 ? 1 : 0;
      sizes += (chosen ? 1 : 0) + (label == 1 ? 1 : 0);
    }
  }
  EXPECT_NEAR(fitted.for_all_cross.micro, 2 * hits / sizes, 1e-12);
  EXPECT_LE(fitted.for_all_cross.micro, fitted.for_all_f1.micro);
  EXPECT_LT(fitted.per_label_cross.macro, fitted.per_label_f1.macro);
}

TEST(Thresholds, UseTheCommonOneForALabelWithoutImages) {
  const torch::Tensor scores = some_scores();
  torch::Tensor labels = some_labels(scores);
  labels.select(1, 3).fill_(-1);
  const FittedThresholds fitted = fit_thresholds(scores, labels);
  EXPECT_EQ(fitted.per_label[3].item<double>(), fitted.for_all);
  EXPECT_NE(fitted.per_label[2].item<double>(), fitted.for_all);
}

TEST(Thresholds, SeparateSeparableScores) {
  const torch::Tensor scores = torch::tensor({{0.75F}, {0.5F}, {0.25F}, {0.125F}});
  const FittedThresholds fitted = fit_thresholds(scores, torch::tensor({{1}, {1}, {-1}, {-1}}));
  EXPECT_EQ(fitted.per_label[0].item<double>(), 0.375);
  EXPECT_EQ(fitted.per_label_f1.micro, 1.0);
  const FittedThresholds everything = fit_thresholds(scores, torch::tensor({{-1}, {1}, {0}, {1}}));
  EXPECT_LT(everything.per_label[0].item<double>(), 0.125);  // selects all scores, even if they are rounded
  EXPECT_NEAR(everything.per_label[0].item<double>(), 0.125, 1e-5);
}

TEST(Thresholds, DoNotDependOnPieces) {
  const std::vector<std::int64_t> shape = {600000, 2};  // more scores than one piece contains
  const torch::Tensor scores = test::formula_tensor("thresholds/many", shape, -1, 1);
  const torch::Tensor draw = test::formula_tensor("thresholds/noise", shape, 0, 1);
  const torch::Tensor labels = torch::where(draw.lt(scores), 1, -1).to(torch::kInt8);
  const torch::Tensor order = scores.flatten().argsort(0, /*descending=*/true);
  const torch::Tensor hits = labels.flatten().index_select(0, order).eq(1).cumsum(0).to(torch::kFloat64);
  const torch::Tensor taken = torch::arange(1, hits.size(0) + 1, torch::kFloat64);
  const double best = (2 * hits / (taken + hits[-1])).max().item<double>();
  EXPECT_NEAR(fit_thresholds(scores, labels).for_all_f1.micro, best, 1e-6);  // `best` may split equal scores
}

TEST(Thresholds, NeedTwoImagesAndALabel) {
  const auto message = [](const torch::Tensor& scores, const torch::Tensor& labels) {
    return test::message_of([&] { fit_thresholds(scores, labels); });
  };
  EXPECT_NE(
      message(torch::rand({1, 2}), torch::ones({1, 2})).find("expected at least two images to fit to, got 1"),
      std::string::npos);
  EXPECT_NE(message(torch::rand({3, 2}), torch::zeros({3, 2})).find("got none. Check the annotations."),
            std::string::npos);
  EXPECT_NE(message(torch::rand({3, 2}), torch::zeros({2, 2})).find("expected the same (images, classes)"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::metrics
