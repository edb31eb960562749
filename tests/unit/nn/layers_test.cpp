#include "mkt/nn/layers.h"

#include <gtest/gtest.h>

#include "support/formula.h"

namespace mkt::nn {
namespace {

TEST(QuickGelu, HasTheValueAndGradientOfItsFormula) {
  torch::Tensor input = test::formula_tensor("x", {4, 50}, -6, 6).to(torch::kFloat64).requires_grad_();
  torch::Tensor same = input.detach().clone().requires_grad_();
  const torch::Tensor weights = test::formula_tensor("w", {4, 50}, -1, 1).to(torch::kFloat64);
  const torch::Tensor actual = quick_gelu(input);
  const torch::Tensor expected = same * torch::sigmoid(1.702 * same);
  EXPECT_TRUE(torch::allclose(actual, expected, 0, 1e-12));
  (actual * weights).sum().backward();
  (expected * weights).sum().backward();
  EXPECT_TRUE(torch::allclose(input.grad(), same.grad(), 0, 1e-12));
}

TEST(LayerNorm, NormalisesTheLastDimensionAsPyTorchDoes) {
  LayerNorm norm(8);
  {
    const at::NoGradGuard no_grad;
    norm->weight.fill_(2);
    norm->bias.fill_(0.5);
  }
  const torch::Tensor input = test::formula_tensor("x", {3, 8}, -2, 4);
  const torch::Tensor centred = input - input.mean(-1, true);
  const torch::Tensor expected = 2 * centred / (centred.square().mean(-1, true) + 1e-5).sqrt() + 0.5;
  EXPECT_TRUE(torch::allclose(norm->forward(input), expected, 0, 1e-5));
}

}  // namespace
}  // namespace mkt::nn
