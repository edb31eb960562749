#include "nn/product.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <vector>

#include "fill.h"

namespace mkt::nn {
namespace {

constexpr double kFactor = 1.702;

struct Operands {
  explicit Operands(std::int64_t count)
      : input(test::formula_tensor("input", {count, 96}, -1, 1)),
        rows(test::formula_tensor("rows", {count, 80}, -2, 2)) {}

  /// The expected product: factor·input·weightᵀ + bias in double precision.
  torch::Tensor expected(double factor) const {
    return at::addmm(bias.to(torch::kFloat64), input.to(torch::kFloat64), weight.to(torch::kFloat64).t(), 1,
                     factor);
  }

  torch::Tensor input, rows;
  torch::Tensor weight = test::formula_tensor("weight", {80, 96}, -0.2, 0.2);
  torch::Tensor bias = test::formula_tensor("bias", {80}, -1, 1);
};

/// Runs each test with oneDNN disabled and enabled; the parameter is true if it is enabled.
class Product : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { at::globalContext().setUserEnabledMkldnn(GetParam()); }
  void TearDown() override { at::globalContext().setUserEnabledMkldnn(true); }
};

TEST_P(Product, AgreesWithDoublePrecision) {
  for (const std::int64_t count : {1, 17, 300}) {
    const Operands of(count);
    EXPECT_LT(relative_difference(product(of.input, of.weight, of.bias), of.expected(1)), 1e-6) << count;
    EXPECT_LT(relative_difference(product_silu_(of.input.clone(), of.weight, of.bias, kFactor),
                                  at::silu(of.expected(kFactor))),
              1e-6)
        << count;
    EXPECT_LT(relative_difference(scaled_product_(of.input.clone(), of.weight, of.bias, kFactor),
                                  of.expected(kFactor)),
              1e-6)
        << count;
    EXPECT_LT(relative_difference(product_backward(of.rows, of.weight),
                                  at::mm(of.rows.to(torch::kFloat64), of.weight.to(torch::kFloat64))),
              1e-6)
        << count;
  }
}

TEST_P(Product, AddsInPlace) {
  for (const double factor : {1.0, 1 / kFactor}) {
    const Operands of(300);
    const torch::Tensor rows = of.rows.clone();
    add_product_(rows, of.input, of.weight, of.bias, factor);
    EXPECT_LT(relative_difference(rows, of.rows + of.expected(factor)), 1e-6) << factor;
  }
}

TEST_P(Product, AddsHalfPrecisionToFloats) {
  const Operands of(300);
  const torch::Tensor rows = of.rows.clone();
  add_product_(rows, of.input.to(torch::kBFloat16), of.weight.to(torch::kBFloat16),
               of.bias.to(torch::kBFloat16), kFactor);
  EXPECT_EQ(rows.scalar_type(), torch::kFloat32);
  EXPECT_LT(relative_difference(rows, of.rows + of.expected(kFactor)), 0.02);
}

TEST_P(Product, HasTheGradientsOfDoublePrecision) {
  for (const bool narrow : {false, true}) {  // 80 inputs and 96 outputs, then 96 and 80
    const Operands of(300);
    const torch::Tensor input = narrow ? of.input.view({4, 75, 96}) : of.rows.view({4, 75, 80});
    const torch::Tensor weight = narrow ? of.weight : of.weight.t();
    const torch::Tensor bias = test::formula_tensor("linear", {weight.size(0)}, -1, 1);
    const torch::Tensor outer = test::formula_tensor("outer", {4, 75, weight.size(0)}, -1, 1);
    const auto gradients = [&](bool ours, torch::Dtype type) {
      std::vector<torch::Tensor> leaves;
      for (const torch::Tensor& each : {input, weight, bias})
        leaves.push_back(each.to(type).clone().requires_grad_());
      const torch::Tensor result = ours ? differentiable_product(leaves[0], leaves[1], leaves[2])
                                        : at::linear(leaves[0], leaves[1], leaves[2]);
      result.mul(outer.to(type)).sum().backward();
      std::vector<torch::Tensor> all{result.detach()};
      for (const torch::Tensor& leaf : leaves) all.push_back(leaf.grad());
      return all;
    };
    const auto actual = gradients(true, torch::kFloat32);
    const auto expected = gradients(false, torch::kFloat64);
    for (std::size_t i = 0; i < actual.size(); ++i) {
      EXPECT_EQ(actual[i].sizes(), expected[i].sizes());
      EXPECT_LT(relative_difference(actual[i], expected[i]), 3e-6) << narrow << " " << i;
    }
  }
}

TEST_P(Product, GivesNoGradientToFrozenWeights) {
  const Operands of(300);
  const torch::Tensor input = of.input.clone().requires_grad_();
  differentiable_product(input, of.weight, of.bias).sum().backward();
  EXPECT_LT(relative_difference(input.grad(), of.weight.sum(0).expand_as(input)), 1e-5);
  EXPECT_FALSE(of.weight.grad().defined());
  EXPECT_FALSE(differentiable_product(of.input, of.weight, of.bias).requires_grad());
}

INSTANTIATE_TEST_SUITE_P(OneDnnAndAten, Product, testing::Bool());

TEST(ProductOfPart, AgreesWithDoublePrecision) {
  const Operands of(300);
  const torch::Tensor part = product(of.input, of.weight.narrow(0, 16, 32), of.bias.narrow(0, 16, 32));
  EXPECT_LT(relative_difference(part, of.expected(1).narrow(1, 16, 32)), 1e-6);
}

}  // namespace
}  // namespace mkt::nn
