#include "mkt/nn/product.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include "fill.h"

namespace mkt::nn {
namespace {

constexpr double kFactor = 1.702;

struct Operands {
  explicit Operands(std::int64_t count)
      : input(test::formula_tensor("input", {count, 96}, -1, 1)),
        rows(test::formula_tensor("rows", {count, 80}, -2, 2)) {}

  /// input·weightᵀ times a factor, plus bias, in double precision.
  torch::Tensor expected(double factor) const {
    return at::addmm(bias.to(torch::kFloat64), input.to(torch::kFloat64), weight.to(torch::kFloat64).t(), 1,
                     factor);
  }

  torch::Tensor input, rows;
  torch::Tensor weight = test::formula_tensor("weight", {80, 96}, -0.2, 0.2);
  torch::Tensor bias = test::formula_tensor("bias", {80}, -1, 1);
};

/// With oneDNN and without.
class Product : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { at::globalContext().setUserEnabledMkldnn(GetParam()); }
  void TearDown() override { at::globalContext().setUserEnabledMkldnn(true); }
};

TEST_P(Product, EqualsDoublePrecision) {
  for (const std::int64_t count : {1, 17, 300}) {
    const Operands of(count);
    EXPECT_LT(relative_difference(product(of.input, of.weight, of.bias), of.expected(1)), 1e-6) << count;
    EXPECT_LT(relative_difference(product_silu_(of.input.clone(), of.weight, of.bias, kFactor),
                                  at::silu(of.expected(kFactor))),
              1e-6)
        << count;
  }
}

TEST_P(Product, IsAddedInPlace) {
  for (const double factor : {1.0, 1 / kFactor}) {
    const Operands of(300);
    const torch::Tensor rows = of.rows.clone();
    add_product_(rows, of.input, of.weight, of.bias, factor);
    EXPECT_LT(relative_difference(rows, of.rows + of.expected(factor)), 1e-6) << factor;
  }
}

TEST_P(Product, OfHalfPrecisionIsAddedToFloats) {
  const Operands of(300);
  const torch::Tensor rows = of.rows.clone();
  add_product_(rows, of.input.to(torch::kBFloat16), of.weight.to(torch::kBFloat16),
               of.bias.to(torch::kBFloat16), kFactor);
  EXPECT_EQ(rows.scalar_type(), torch::kFloat32);
  EXPECT_LT(relative_difference(rows, of.rows + of.expected(kFactor)), 0.02);
}

INSTANTIATE_TEST_SUITE_P(OneDnnAndAten, Product, testing::Bool());

TEST(ProductOfPart, OfAWeightEqualsDoublePrecision) {
  const Operands of(300);
  const torch::Tensor part = product(of.input, of.weight.narrow(0, 16, 32), of.bias.narrow(0, 16, 32));
  EXPECT_LT(relative_difference(part, of.expected(1).narrow(1, 16, 32)), 1e-6);
}

}  // namespace
}  // namespace mkt::nn
