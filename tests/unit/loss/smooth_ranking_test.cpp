#include "mkt/loss/smooth_ranking.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cases.h"
#include "support/message.h"

namespace mkt::loss {
namespace {

using test::LossResult;

LossResult smooth(const torch::Tensor& logits, const torch::Tensor& labels, double scale) {
  return test::with_gradient(
      logits, [&](const torch::Tensor& leaf) { return smooth_ranking_loss(leaf, labels, scale); });
}

/// The reference: the formula image by image over all pairs of its labels, in double precision.
LossResult naive_smooth(const torch::Tensor& logits, const torch::Tensor& labels, double scale) {
  return test::with_gradient(logits.to(torch::kFloat64), [&](const torch::Tensor& leaf) {
    std::vector<torch::Tensor> of_images;
    for (std::int64_t i = 0; i < leaf.size(0); ++i) {
      const torch::Tensor present = leaf[i].masked_select(labels[i].eq(1));
      const torch::Tensor absent = leaf[i].masked_select(labels[i].eq(-1));
      const torch::Tensor pairs = absent.unsqueeze(0) - present.unsqueeze(1);
      of_images.push_back(pairs.numel() == 0 ? leaf.sum() * 0
                                             : torch::log(1 + torch::exp(scale * pairs)).mean());
    }
    return torch::stack(of_images).mean();
  });
}

TEST(SmoothRankingLoss, AgreesWithTheFormulaOverAllPairs) {
  for (const double range : {0.05, 0.5, 2.0}) {
    const torch::Tensor logits = test::formula_tensor("smooth/logits", {6, 90}, -range, range);
    for (const double present : {0.02, 0.2}) {
      const torch::Tensor labels = test::random_labels("smooth/labels", 6, 90, present);
      for (const double scale : {1.0, 20.0}) {
        const LossResult expected = naive_smooth(logits, labels, scale);
        const LossResult got = smooth(logits, labels, scale);
        test::expect_close(got.loss / expected.loss, torch::ones({}), 1e-6);
        test::expect_close(got.gradient, expected.gradient, 1e-7 * scale);
      }
    }
  }
}

TEST(SmoothRankingLoss, DoesNotDependOnChunks) {
  const torch::Tensor logits = test::formula_tensor("smooth/wide", {3, 3000}, -1, 1).to(torch::kFloat64);
  const torch::Tensor labels = test::random_labels("smooth/wide-labels", 3, 3000, 0.2);
  ASSERT_GT(labels.eq(1).sum().item<std::int64_t>() * 3000, 2 << 20);
  const LossResult all = smooth(logits, labels, 20);
  LossResult mean{torch::zeros({}, torch::kFloat64), torch::zeros_like(logits)};
  for (std::int64_t i = 0; i < 3; ++i) {
    const LossResult one = smooth(logits.narrow(0, i, 1), labels.narrow(0, i, 1), 20);
    mean.loss += one.loss / 3;
    mean.gradient[i] = one.gradient[0] / 3;
  }
  test::expect_close(all, mean, 1e-12);
}

TEST(SmoothRankingLoss, IsLogTwoIfAllScoresAreEqual) {
  const torch::Tensor labels = test::random_labels("smooth/equal", 5, 40, 0.2);
  EXPECT_NEAR(smooth(torch::full({5, 40}, 0.3), labels, 20).loss.item<double>(), std::log(2.0), 1e-6);
}

TEST(SmoothRankingLoss, IsFiniteForDistantScores) {
  const torch::Tensor labels = torch::tensor({{1, -1}, {-1, 1}}, torch::kInt8);
  const LossResult far = smooth(torch::tensor({{-1e4F, 1e4F}, {-1e4F, 1e4F}}), labels, 20);
  EXPECT_FLOAT_EQ(far.loss.item<float>(), 2e5F);  // 20 · 2e4 for the first image, 0 for the second
  EXPECT_TRUE(far.gradient.equal(torch::tensor({{-10.0F, 10.0F}, {0.0F, 0.0F}}))) << far.gradient;
}

TEST(SmoothRankingLoss, IgnoresLabelsThatAreNotAnnotated) {
  const torch::Tensor logits = test::formula_tensor("smooth/ignored", {4, 10}, -1, 1);
  torch::Tensor labels = test::random_labels("smooth/ignored-labels", 4, 10, 0.2);
  labels[2].select(0, 3).zero_();
  torch::Tensor changed = logits.clone();
  changed[2][3] = 50;
  const LossResult got = smooth(changed, labels, 20);
  EXPECT_TRUE(got.loss.equal(smooth(logits, labels, 20).loss));
  EXPECT_EQ(got.gradient[2][3].item<float>(), 0);
}

TEST(SmoothRankingLoss, IsZeroWithoutPairsAndAveragesOverAllImages) {
  const torch::Tensor logits = test::formula_tensor("smooth/none", {3, 5}, -1, 1);
  for (const int value : {-1, 0, 1}) {
    const LossResult got = smooth(logits, torch::full({3, 5}, value, torch::kInt8), 20);
    EXPECT_EQ(got.loss.item<float>(), 0) << value;
    EXPECT_EQ(got.gradient.abs().max().item<float>(), 0) << value;
  }
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {-1, -1, 0}}, torch::kInt8);
  EXPECT_NEAR(smooth(torch::zeros({2, 3}), labels, 20).loss.item<double>(), std::log(2.0) / 2, 1e-7);
}

TEST(SmoothRankingLoss, IsNotFiniteIfALogitIsNot) {
  test::expect_not_finite([](const torch::Tensor& logits, const torch::Tensor& labels) {
    return smooth_ranking_loss(logits, labels, 20);
  });
}

TEST(SmoothRankingLoss, SumsHalfPrecisionInFloat32) {
  const torch::Tensor logits = test::formula_tensor("smooth/types", {4, 30}, -1, 1);
  const torch::Tensor labels = test::random_labels("smooth/types-labels", 4, 30, 0.2);
  const LossResult half = smooth(logits.to(torch::kBFloat16), labels, 5);
  EXPECT_EQ(half.loss.scalar_type(), torch::kFloat32);
  EXPECT_EQ(half.gradient.scalar_type(), torch::kBFloat16);
  test::expect_close(half.loss, smooth(logits, labels, 5).loss, 2e-2);
}

TEST(SmoothRankingLoss, RejectsOtherShapes) {
  EXPECT_EQ(test::message_of([] {
              smooth_ranking_loss(torch::zeros({2, 3}), torch::zeros({2, 4}), 20);
            }),
            "smooth ranking loss: expected logits and labels of one shape (images, classes), got [2, 3] and "
            "[2, 4]. Pass the labels of the scored images.");
  EXPECT_FALSE(test::message_of([] {
                 smooth_ranking_loss(torch::zeros({0, 3}), torch::zeros({0, 3}), 20);
               }).empty());
}

}  // namespace
}  // namespace mkt::loss
