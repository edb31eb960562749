#include "mkt/metrics/average_precision.h"

#include <gtest/gtest.h>

#include <limits>

#include "mkt/core/error.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

namespace mkt::metrics {
namespace {

torch::Tensor column(const std::vector<float>& values) {
  return torch::tensor(values).unsqueeze(1);
}

double precision_of(const std::vector<float>& scores, const std::vector<float>& labels) {
  return average_precision(column(scores), column(labels)).item<double>();
}

/// The reference: sorts the annotated images by score and averages the precision at each positive.
double by_sorting(const torch::Tensor& scores, const torch::Tensor& labels) {
  const torch::Tensor annotated = labels.abs().eq(1).nonzero().flatten();
  const auto order =
      std::get<1>(scores.index_select(0, annotated).sort(/*stable=*/true, 0, /*descending=*/true));
  const torch::Tensor hits =
      labels.index_select(0, annotated.index_select(0, order)).eq(1).to(torch::kFloat64);
  const torch::Tensor precision = hits.cumsum(0) / torch::arange(1, hits.size(0) + 1, torch::kFloat64);
  const double positives = hits.sum().item<double>();
  return positives == 0 ? 0 : (precision * hits).sum().item<double>() / positives;
}

TEST(AveragePrecision, AgreesWithGolden) {
  const auto golden = weights::load_tensors(test::golden("metrics.pth"));
  const torch::Tensor ap = average_precision(golden.at("pred"), golden.at("labels"));
  EXPECT_LE((ap - golden.at("ap").to(torch::kFloat64)).abs().max().item<double>(), 1e-6);
}

TEST(AveragePrecision, AgreesWithSortingOnManyClassesAndTies) {
  const torch::Tensor scores =
      (test::formula_tensor("ap/scores", {80, 150}, -1, 1) * 8).round();  // 17 distinct values
  const torch::Tensor drawn = test::formula_tensor("ap/labels", {80, 150}, 0, 1);
  const torch::Tensor labels = drawn.lt(0.1).to(torch::kInt8) - drawn.gt(0.3).to(torch::kInt8);
  const torch::Tensor ap = average_precision(scores, labels);
  for (std::int64_t c = 0; c < scores.size(1); ++c) {
    EXPECT_NEAR(ap[c].item<double>(), by_sorting(scores.select(1, c), labels.select(1, c)), 1e-12) << c;
  }
}

TEST(AveragePrecision, AgreesWithSortingForUnevenlySpacedScores) {
  const float infinity = std::numeric_limits<float>::infinity();
  const torch::Tensor drawn = test::formula_tensor("ap/crowd", {500, 1}, -1, 1);
  torch::Tensor outliers = drawn.clone();
  outliers[3] = 1e30F;
  outliers[4] = -1e30F;
  torch::Tensor endless = drawn.clone();
  endless[3] = infinity;
  endless[4] = -infinity;
  endless[5] = infinity;
  torch::Tensor close = 1 + drawn.mul(3).round() * 1.2e-7F;  // adjacent float values
  const torch::Tensor chosen = test::formula_tensor("ap/crowd labels", {500, 1}, 0, 1);
  torch::Tensor labels = chosen.lt(0.2).to(torch::kInt8) - chosen.gt(0.4).to(torch::kInt8);
  for (const std::int8_t end : {-1, 0, 1}) {  // label of the three images with extreme scores
    labels.slice(0, 3, 6).fill_(end);
    for (const torch::Tensor& scores : {outliers, endless, close, torch::zeros_like(drawn), drawn * 1e-42F}) {
      EXPECT_NEAR(average_precision(scores, labels).item<double>(),
                  by_sorting(scores.flatten(), labels.flatten()), 1e-12);
    }
  }
}

TEST(AveragePrecision, CountsOnlyAnnotatedImages) {
  EXPECT_DOUBLE_EQ(precision_of({0.9F, 0.8F, 0.7F}, {1, -1, 1}), (1.0 + 2.0 / 3.0) / 2.0);
  EXPECT_DOUBLE_EQ(precision_of({0.9F, 0.8F, 0.7F}, {1, 0, 1}), 1.0);
}

TEST(AveragePrecision, OrdersTiesByImage) {
  EXPECT_DOUBLE_EQ(precision_of({0.5F, 0.5F}, {1, -1}), 1.0);
  EXPECT_DOUBLE_EQ(precision_of({0.5F, 0.5F}, {-1, 1}), 0.5);
}

TEST(AveragePrecision, IsZeroWithoutPositives) {
  EXPECT_EQ(precision_of({0.5F, 0.4F}, {-1, 0}), 0.0);
}

TEST(AveragePrecision, OfARangeOfColumnsEqualsThatOfACopy) {
  const torch::Tensor scores = test::formula_tensor("ap/wide", {50, 60}, -1, 1);
  const torch::Tensor labels =
      test::formula_tensor("ap/wide labels", {50, 60}, -1, 1).round().to(torch::kInt8);
  const torch::Tensor whole = average_precision(scores, labels);
  EXPECT_TRUE(torch::equal(average_precision(scores.narrow(1, 7, 40), labels.narrow(1, 7, 40)),
                           whole.slice(0, 7, 47)));
  EXPECT_TRUE(
      torch::equal(average_precision(scores.narrow(1, 59, 1), labels.narrow(1, 59, 1)), whole.slice(0, 59)));
  const torch::Tensor turned = average_precision(scores.t(), labels.t());
  EXPECT_TRUE(torch::equal(average_precision(scores.t().contiguous(), labels.t().contiguous()), turned));
}

TEST(PrecisionPerImage, IsTheMeanOverImagesWithAPresentLabel) {
  torch::Tensor scores = (test::formula_tensor("ap/images", {70, 30}, 0, 1) * 10).round();  // with ties
  torch::Tensor labels = test::formula_tensor("ap/images labels", {70, 30}, -1, 1).round().to(torch::kInt8);
  labels.slice(0, 5, 12).clamp_(-1, 0);
  const torch::Tensor each = average_precision(scores.t(), labels.t());  // (70)
  const torch::Tensor with = labels.eq(1).any(1);
  EXPECT_NEAR(precision_per_image(scores, labels), each.masked_select(with).mean().item<double>(), 1e-12);
  EXPECT_LT(with.sum().item<std::int64_t>(), 70);
  EXPECT_NEAR(precision_per_image(scores.narrow(1, 3, 9), labels.narrow(1, 3, 9)),
              precision_per_image(scores.narrow(1, 3, 9).contiguous(), labels.narrow(1, 3, 9).contiguous()),
              0);
  EXPECT_EQ(precision_per_image(scores, labels.clamp(-1, 0)), 0);
  EXPECT_DOUBLE_EQ(precision_per_image(torch::tensor({{0.9F, 0.8F, 0.7F}}), torch::tensor({{-1, 0, 1}})),
                   0.5);
  EXPECT_THROW(precision_per_image(scores, labels.narrow(1, 0, 3)), c10::ValueError);
}

TEST(AveragePrecision, RejectsNanAndOtherShapes) {
  const auto message = [](const torch::Tensor& scores, const torch::Tensor& labels) -> std::string {
    try {
      average_precision(scores, labels);
    } catch (const c10::ValueError& error) {
      return one_line(error);
    }
    return {};
  };
  EXPECT_NE(message(torch::full({2, 2}, std::numeric_limits<float>::quiet_NaN()), torch::ones({2, 2}))
                .find("got NaN"),
            std::string::npos);
  EXPECT_NE(message(torch::ones({2, 2}), torch::ones({2, 3})).find("got [2, 2] and [2, 3]"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::metrics
