#include "demo/contrastive_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::demo {
namespace {

/// The reference: computes the formula term by term, in double precision.
double direct(const torch::Tensor& images, const torch::Tensor& texts, double scale,
              const torch::Tensor& same) {
  const auto size = images.size(0);
  const auto cosine = [&](std::int64_t i, std::int64_t j) {
    const torch::Tensor a = images[i].to(torch::kFloat64);
    const torch::Tensor b = texts[j].to(torch::kFloat64);
    return std::exp(scale) * (a.dot(b) / (a.norm() * b.norm())).item<double>();
  };
  double loss = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    double row = 0;
    double column = 0;
    for (std::int64_t j = 0; j < size; ++j) row += std::exp(cosine(i, j));
    for (std::int64_t j = 0; j < size; ++j) column += std::exp(cosine(j, i));
    const double alike = same[i].sum().item<double>();
    for (std::int64_t j = 0; j < size; ++j) {
      if (!same[i][j].item<bool>()) continue;
      loss -= (cosine(i, j) - std::log(row) + cosine(j, i) - std::log(column)) / alike;
    }
  }
  return loss / static_cast<double>(2 * size);
}

class ContrastiveLoss : public testing::Test {
 protected:
  torch::Tensor images =
      test::formula_tensor("contrastive/images", {4, 6}, -1, 1).to(torch::kFloat64).requires_grad_();
  torch::Tensor texts =
      test::formula_tensor("contrastive/texts", {4, 6}, -1, 1).to(torch::kFloat64).requires_grad_();
  torch::Tensor scale = torch::tensor(1.3, torch::kFloat64).requires_grad_();
  torch::Tensor same = same_texts(torch::tensor({{1, 2}, {1, 3}, {1, 2}, {4, 2}}));
};

TEST_F(ContrastiveLoss, TextsAreEqualIfAllTokensAre) {
  const torch::Tensor expected = torch::eye(4, torch::kInt64);
  expected[0][2] = expected[2][0] = 1;
  EXPECT_TRUE(torch::equal(same, expected.to(torch::kBool)));
}

TEST_F(ContrastiveLoss, FollowsTheFormula) {
  EXPECT_NEAR(contrastive_loss(images, texts, scale, same).item<double>(), direct(images, texts, 1.3, same),
              1e-12);
  const torch::Tensor apart = torch::eye(4, torch::kBool);
  EXPECT_NEAR(contrastive_loss(images, texts, scale, apart).item<double>(), direct(images, texts, 1.3, apart),
              1e-12);
}

TEST_F(ContrastiveLoss, HasTheGradientOfTheFormula) {
  contrastive_loss(images, texts, scale, same).backward();
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-5;
  for (torch::Tensor* leaf : {&images, &texts}) {
    for (const std::int64_t at : {0, 7, 13, 23}) {
      torch::Tensor value = leaf->view({-1})[at];
      const double before = value.item<double>();
      value.fill_(before + kStep);
      const double above = direct(images, texts, 1.3, same);
      value.fill_(before - kStep);
      const double below = direct(images, texts, 1.3, same);
      value.fill_(before);
      EXPECT_NEAR(leaf->grad().view({-1})[at].item<double>(), (above - below) / (2 * kStep), 1e-8);
    }
  }
  const double slope =
      (direct(images, texts, 1.3 + kStep, same) - direct(images, texts, 1.3 - kStep, same)) / (2 * kStep);
  EXPECT_NEAR(scale.grad().item<double>(), slope, 1e-8);
}

TEST_F(ContrastiveLoss, RefusesOtherShapes) {
  EXPECT_EQ(test::message_of([&] { contrastive_loss(images, texts.narrow(0, 0, 3), scale, same); }),
            "contrastive loss: expected images and texts (B, D) and same (B, B), got [4, 6], [3, 6] and [4, "
            "4]. Pass as many texts as images.");
}

}  // namespace
}  // namespace mkt::demo
