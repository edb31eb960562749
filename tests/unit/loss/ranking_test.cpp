#include "mkt/loss/ranking.h"

#include <gtest/gtest.h>

#include <limits>

#include "cases.h"
#include "mkt/core/error.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

namespace mkt::loss {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

using test::expect_close;
using test::random_labels;
using Result = test::LossResult;

Result with_gradient(const torch::Tensor& logits, const torch::Tensor& labels, double margin = 1) {
  return test::with_gradient(logits,
                             [&](const torch::Tensor& leaf) { return ranking_loss(leaf, labels, margin); });
}

/// The reference: the published formula over all pairs of classes, (B, C, C), in double precision. Classes
/// without 1 or -1 in the batch are left out.
Result naive_hinge(const torch::Tensor& logits, const torch::Tensor& labels, double margin = 1) {
  const torch::Tensor leaf = logits.detach().to(torch::kFloat64).requires_grad_();
  const torch::Tensor kept = labels.abs().sum(0).gt(0).nonzero().flatten();
  const torch::Tensor scores = leaf.index_select(1, kept);                                    // (B, K)
  const torch::Tensor some = labels.index_select(1, kept);                                    // (B, K)
  const torch::Tensor pairs = some.eq(1).unsqueeze(2).logical_and(some.eq(-1).unsqueeze(1));  // (B, K, K)
  const torch::Tensor terms = margin + scores.unsqueeze(1) - scores.unsqueeze(2);             // s_n − s_p
  const torch::Tensor hinge = torch::relu(terms) * pairs;                                     // (B, K, K)
  const torch::Tensor violated = hinge.gt(0).to(torch::kFloat64).sum({1, 2}).detach();        // (B)
  const torch::Tensor loss = (hinge.sum({1, 2}) / (violated + 1e-8)).mean();
  loss.backward();
  return {loss.detach(), leaf.grad()};
}

TEST(RankingLoss, AgreesWithGolden) {
  const auto golden = weights::load_tensors(test::golden("ranking_loss.pth"));
  const auto result = with_gradient(golden.at("logits"), golden.at("labels"));
  expect_close(result.loss, golden.at("loss"), 1e-6);
  expect_close(result.gradient, golden.at("grad"), 1e-6);
}

TEST(RankingLoss, AgreesWithTheFormulaOverAllPairs) {
  for (const double range : {0.2, 1.0, 4.0}) {  // at 0.2 every pair violates the margin, at 4 many do not
    const torch::Tensor logits = test::formula_tensor("loss/logits", {6, 90}, -range, range);
    for (const double present : {0.02, 0.2}) {
      const torch::Tensor labels = random_labels("loss/labels", 6, 90, present);
      const auto expected = naive_hinge(logits, labels);
      const auto result = with_gradient(logits, labels);
      expect_close(result.loss, expected.loss, 1e-6);
      expect_close(result.gradient, expected.gradient, 1e-7);
    }
  }
}

TEST(RankingLoss, AgreesWithTheFormulaForOtherMargins) {
  const torch::Tensor logits = test::formula_tensor("loss/margins", {6, 90}, -0.3, 0.3);
  const torch::Tensor labels = random_labels("loss/margin-labels", 6, 90, 0.1);
  for (const double margin : {0.0, 0.1, 0.4, 3.0}) {
    const auto expected = naive_hinge(logits, labels, margin);
    const auto result = with_gradient(logits, labels, margin);
    expect_close(result.loss, expected.loss, 1e-6);
    expect_close(result.gradient, expected.gradient, 1e-7);
  }
}

TEST(RankingLoss, DoesNotDependOnChunks) {
  const torch::Tensor logits = test::formula_tensor("loss/wide", {3, 3000}, -1, 1);
  const torch::Tensor labels = random_labels("loss/wide-labels", 3, 3000, 0.2);  // up to 1800 × 3000 pairs
  ASSERT_GT(labels.eq(1).sum().item<std::int64_t>() * 3000, 2 << 20);
  const auto one_by_one = [&](std::int64_t i) {
    return with_gradient(logits.narrow(0, i, 1).to(torch::kFloat64), labels.narrow(0, i, 1));
  };
  const auto all = with_gradient(logits.to(torch::kFloat64), labels);
  const auto first = one_by_one(0);
  const auto second = one_by_one(1);
  const auto third = one_by_one(2);
  expect_close(all.loss, (first.loss + second.loss + third.loss) / 3, 1e-12);
  expect_close(all.gradient, torch::cat({first.gradient, second.gradient, third.gradient}) / 3, 1e-12);
}

TEST(RankingLoss, IgnoresLabelsAbsentFromTheBatch) {
  const torch::Tensor logits = test::formula_tensor("loss/ignored", {4, 10}, -1, 1);
  torch::Tensor labels = random_labels("loss/ignored-labels", 4, 10, 0.2);
  labels.select(1, 3).zero_();
  torch::Tensor changed = logits.clone();
  changed.select(1, 3).fill_(50);
  const auto result = with_gradient(changed, labels);
  EXPECT_TRUE(result.loss.equal(with_gradient(logits, labels).loss));
  EXPECT_EQ(result.gradient.select(1, 3).abs().max().item<float>(), 0);
}

TEST(RankingLoss, IsZeroWithoutPairs) {
  const torch::Tensor logits = test::formula_tensor("loss/none", {3, 5}, -1, 1);
  for (const int value : {-1, 0, 1}) {  // no positives, no annotations, no negatives
    const auto result = with_gradient(logits, torch::full({3, 5}, value, torch::kInt8));
    EXPECT_EQ(result.loss.item<float>(), 0) << value;
    EXPECT_EQ(result.gradient.abs().max().item<float>(), 0) << value;
  }
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {-1, -1, 0}}, torch::kInt8);
  const auto half = with_gradient(torch::zeros({2, 3}), labels);
  EXPECT_NEAR(half.loss.item<double>(), 0.5, 1e-7);  // the mean includes the image without positives
}

TEST(RankingLoss, HasNoGradientAtTheCornerOfTheHinge) {
  const torch::Tensor logits = torch::tensor({{1.0F, 0.0F, 0.5F}});  // 1 + s_n − s_p = 0: not a violation
  const torch::Tensor labels = torch::tensor({{1, -1, -1}}, torch::kInt8);
  const auto result = with_gradient(logits, labels);
  EXPECT_NEAR(result.loss.item<double>(), 0.5, 1e-7);
  expect_close(result.gradient, torch::tensor({{-1.0F, 0.0F, 1.0F}}), 1e-7);
}

TEST(RankingLoss, IsNotFiniteIfALogitIsNot) {
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {-1, -1, 0}}, torch::kInt8);
  for (const float value : {kNan, std::numeric_limits<float>::infinity()}) {
    for (std::int64_t place = 0; place < 6; ++place) {
      torch::Tensor logits = torch::zeros({2, 3});
      logits.view(-1)[place] = value;
      EXPECT_TRUE(ranking_loss(logits, labels).isnan().item<bool>()) << value << " at " << place;
    }
  }
}

TEST(RankingLoss, ScalesItsGradient) {
  const torch::Tensor leaf = test::formula_tensor("loss/scaled", {2, 8}, -1, 1).requires_grad_();
  const torch::Tensor labels = random_labels("loss/scaled-labels", 2, 8, 0.2);
  (ranking_loss(leaf * 3, labels) * 5).backward();
  const auto plain = with_gradient(leaf.detach() * 3, labels);
  EXPECT_GT(plain.gradient.abs().max().item<float>(), 0);
  expect_close(leaf.grad(), plain.gradient * 15, 1e-6);
}

TEST(RankingLoss, AcceptsLabelsAndLogitsOfOtherDtypes) {
  const torch::Tensor logits = test::formula_tensor("loss/types", {4, 30}, -1, 1);
  const torch::Tensor labels = random_labels("loss/types-labels", 4, 30, 0.2);
  const auto expected = with_gradient(logits, labels);
  for (const auto type : {torch::kInt64, torch::kFloat32, torch::kInt32}) {
    EXPECT_TRUE(with_gradient(logits, labels.to(type)).gradient.equal(expected.gradient));
  }
  const auto half = with_gradient(logits.to(torch::kBFloat16), labels);
  EXPECT_EQ(half.loss.scalar_type(), torch::kFloat32);
  EXPECT_EQ(half.gradient.scalar_type(), torch::kBFloat16);
  expect_close(half.loss, expected.loss, 1e-2);
}

TEST(RankingLoss, RunsOnAGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  const torch::Tensor logits = test::formula_tensor("loss/gpu", {8, 90}, -1, 1);
  const torch::Tensor labels = random_labels("loss/gpu-labels", 8, 90, 0.1);
  const auto expected = with_gradient(logits, labels);
  for (const torch::Tensor& placed : {labels, labels.to(torch::kCUDA)}) {
    const auto result = with_gradient(logits.to(torch::kCUDA), placed);
    expect_close(result.loss.cpu(), expected.loss, 1e-6);
    expect_close(result.gradient.cpu(), expected.gradient, 1e-7);
  }
}

TEST(RankingLoss, RejectsOtherShapes) {
  const auto message = [](const torch::Tensor& logits, const torch::Tensor& labels) -> std::string {
    try {
      ranking_loss(logits, labels);
    } catch (const c10::ValueError& error) {
      return one_line(error);
    }
    return {};
  };
  EXPECT_NE(message(torch::zeros({2, 3}), torch::zeros({2, 4}))
                .find("expected logits and labels of one shape (images, classes), got [2, 3] and [2, 4]"),
            std::string::npos);
  EXPECT_FALSE(message(torch::zeros({0, 3}), torch::zeros({0, 3})).empty());
  EXPECT_NE(message(torch::zeros({2, 3}, torch::kInt64), torch::zeros({2, 3})).find("floating"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::loss
