#include "mkt/loss/asymmetric.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cases.h"
#include "support/message.h"

namespace mkt::loss {
namespace {

using test::LossResult;

LossResult asymmetric(const torch::Tensor& logits, const torch::Tensor& labels,
                      const AsymmetricOptions& options = {}) {
  return test::with_gradient(
      logits, [&](const torch::Tensor& leaf) { return asymmetric_loss(leaf, labels, options); });
}

/// The reference: the published formulas label by label, in double precision.
LossResult naive_asymmetric(const torch::Tensor& logits, const torch::Tensor& labels,
                            const AsymmetricOptions& options) {
  return test::with_gradient(logits.to(torch::kFloat64), [&](const torch::Tensor& leaf) {
    torch::Tensor sum = leaf.sum() * 0;
    for (std::int64_t i = 0; i < leaf.size(0); ++i) {
      torch::Tensor of_image = leaf.sum() * 0;
      for (std::int64_t c = 0; c < leaf.size(1); ++c) {
        const torch::Tensor p = 1 / (1 + torch::exp(-leaf[i][c]));
        const torch::Tensor q = torch::relu(p - options.shift);
        const auto label = labels[i][c].item<int>();
        if (label == 1) of_image = of_image - torch::pow(1 - p, options.gamma_present) * torch::log(p);
        if (label == -1) of_image = of_image - torch::pow(q, options.gamma_absent) * torch::log(1 - q);
      }
      sum = sum + of_image / std::max(1.0, labels[i].eq(1).sum().item<double>());
    }
    return sum / static_cast<double>(leaf.size(0));
  });
}

TEST(AsymmetricLoss, AgreesWithTheFormula) {
  const torch::Tensor logits = test::formula_tensor("asymmetric/logits", {5, 30}, -6, 6);
  for (const double present : {0.05, 0.2}) {
    const torch::Tensor labels = test::random_labels("asymmetric/labels", 5, 30, present);
    for (const AsymmetricOptions& options :
         {AsymmetricOptions{}, AsymmetricOptions{0, 4, 0.05}, AsymmetricOptions{2, 0, 0.2}}) {
      const LossResult expected = naive_asymmetric(logits, labels, options);
      const LossResult got = asymmetric(logits, labels, options);
      test::expect_close(got.loss / expected.loss, torch::ones({}), 2e-6);
      test::expect_close(got.gradient, expected.gradient, 1e-6);
    }
  }
}

TEST(AsymmetricLoss, HasNoLossForAbsentLabelsBelowTheShift) {
  const torch::Tensor labels = torch::full({1, 2}, -1, torch::kInt8);
  const torch::Tensor below = torch::tensor({{-3.0F, -30.0F}});  // p = 0.047 and 1e-13
  const LossResult got = asymmetric(below, labels);
  EXPECT_EQ(got.loss.item<float>(), 0);
  EXPECT_EQ(got.gradient.abs().max().item<float>(), 0);
  EXPECT_GT(asymmetric(torch::tensor({{-2.5F, -30.0F}}), labels).loss.item<float>(), 0);
}

TEST(AsymmetricLoss, IsFiniteForDistantLogits) {
  const torch::Tensor labels = torch::tensor({{1, -1}}, torch::kInt8);
  const LossResult wrong = asymmetric(torch::tensor({{-1e4F, 1e4F}}), labels);
  EXPECT_NEAR(wrong.loss.item<double>(), 1e4 - std::pow(0.95, 4) * std::log(0.05), 1e-2);
  EXPECT_TRUE(wrong.gradient.isfinite().all().item<bool>()) << wrong.gradient;
  EXPECT_NEAR(wrong.gradient[0][0].item<double>(), -1, 1e-6);
  const LossResult right = asymmetric(torch::tensor({{1e4F, -1e4F}}), labels);
  EXPECT_EQ(right.loss.item<float>(), 0);
  EXPECT_EQ(right.gradient.abs().max().item<float>(), 0);
}

TEST(AsymmetricLoss, IgnoresLabelsThatAreNotAnnotated) {
  const torch::Tensor labels = torch::tensor({{1, 0, -1}, {0, 0, 0}}, torch::kInt8);
  const LossResult got = asymmetric(torch::tensor({{0.5F, 9.0F, 0.1F}, {3.0F, 4.0F, 5.0F}}), labels);
  const LossResult other = asymmetric(torch::tensor({{0.5F, -9.0F, 0.1F}, {1.0F, 1.0F, 1.0F}}), labels);
  EXPECT_TRUE(got.loss.equal(other.loss));
  EXPECT_EQ(got.gradient[0][1].item<float>(), 0);
  EXPECT_EQ(got.gradient[1].abs().max().item<float>(), 0);
}

TEST(AsymmetricLoss, IsNotFiniteIfALogitIsNot) {
  test::expect_not_finite([](const torch::Tensor& logits, const torch::Tensor& labels) {
    return asymmetric_loss(logits, labels);
  });
}

TEST(AsymmetricLoss, RejectsOptionsOutOfRange) {
  const torch::Tensor logits = torch::zeros({1, 2});
  const auto message = [&](const AsymmetricOptions& options) {
    return test::message_of([&] { asymmetric_loss(logits, torch::ones({1, 2}), options); });
  };
  EXPECT_EQ(message({0.5, 4, 0.05}), "gamma_present: expected 0 or at least 1, got 0.5.");
  EXPECT_EQ(message({1, -1, 0.05}), "gamma_absent: expected 0 or at least 1, got -1.");
  EXPECT_EQ(message({1, 4, 0}), "shift: expected a number in (0, 1), got 0.");
  EXPECT_NE(test::message_of([&] {
              asymmetric_loss(logits, torch::ones({2, 2}));
            }).find("asymmetric loss: expected"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::loss
