// Tests graphed functions where nothing is recorded, on the CPU: values and gradients are those of the
// function and of autograd. parity/device_test.cpp tests the recorded ones.

#include <gtest/gtest.h>

#include "mkt/nn/graphed_function.h"
#include "nn/add_norm.h"
#include "nn/graphed_gradient.h"
#include "support/difference.h"
#include "support/formula.h"

namespace mkt::nn {
namespace {

using Tensors = std::vector<torch::Tensor>;

torch::Tensor values(const std::string& key, const std::vector<std::int64_t>& shape) {
  return test::formula_tensor("graphed/" + key, shape, -1, 1);
}

TEST(GraphedFunction, GivesTheFunctionsResultsWithoutGradients) {
  const torch::Tensor weight = values("weight", {3, 4}).requires_grad_();
  const GraphedFunction function([=](const torch::Tensor& input) {
    return Tensors{input.matmul(weight), input.sum()};
  });
  const GraphedFunction copy = function;
  for (const std::int64_t rows : {2, 2, 5, 2}) {
    const torch::Tensor input = values(std::to_string(rows), {rows, 3});
    const Tensors results = copy(input);
    EXPECT_TRUE(torch::equal(results[0], input.matmul(weight)));
    EXPECT_TRUE(torch::equal(results[1], input.sum()));
    EXPECT_FALSE(results[0].requires_grad());
  }
}

/// A function of two parameters with three values, of which the last has no gradient.
struct Model {
  Tensors parameters{values("first", {3, 4}).requires_grad_(), values("second", {4}).requires_grad_()};

  GraphedGradient::Function function() const {
    return [this](const torch::Tensor& input) {
      const torch::Tensor hidden = input.matmul(parameters[0]);
      return Tensors{hidden.tanh(), hidden.mul(parameters[1]).sum(), input.sum()};
    };
  }
};

TEST(GraphedGradient, AddsAutogradsGradients) {
  const Model expected;
  const Model actual;
  GraphedGradient graphs(1);
  for (const char* key : {"a", "b", "c"}) {
    const torch::Tensor input = values(key, {2, 3});
    const Tensors wanted = expected.function()(input);
    (wanted[0].square().sum() + wanted[1]).backward();

    const Tensors got = graphs.forward(0, input, actual.parameters, actual.function());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(torch::equal(got[i], wanted[i])) << i;
    graphs.backward(0, actual.parameters, {2 * got[0], torch::ones({}), torch::Tensor()});
    for (std::size_t i = 0; i < actual.parameters.size(); ++i) {
      EXPECT_LT(test::largest_difference(actual.parameters[i].grad(), expected.parameters[i].grad()), 1e-6)
          << i;
    }
  }
}

TEST(GraphedGradient, IsAnOperationOfAutograd) {
  const Model expected;
  const Model actual;
  GraphedGradient graphs(1);
  for (const char* key : {"a", "b"}) {
    const torch::Tensor input = values(key, {2, 3});
    const auto loss_of = [](const Tensors& outputs) {
      return outputs[0].index({0}).square().sum() + outputs[2];
    };
    loss_of(expected.function()(input)).backward();
    const auto function = actual.function();
    const torch::Tensor loss = loss_of(graphs.apply(input, actual.parameters, function));
    EXPECT_TRUE(loss.requires_grad());
    loss.backward();
  }
  EXPECT_LT(test::largest_difference(actual.parameters[0].grad(), expected.parameters[0].grad()), 1e-6);
  EXPECT_FALSE(expected.parameters[1].grad().defined());
}

TEST(GraphedGradient, KeepsOnlyTheLastFunctionsAutogradGraph) {
  const Model model;
  GraphedGradient graphs(2);
  const torch::Tensor input = values("a", {2, 3});
  graphs.forward(0, input, model.parameters, model.function());
  graphs.forward(1, input, model.parameters, model.function());
  EXPECT_THROW(graphs.backward(0, model.parameters, Tensors(3)), c10::ValueError);
  graphs.backward(1, model.parameters, {torch::ones({2, 4}), torch::Tensor(), torch::Tensor()});
  EXPECT_TRUE(model.parameters[0].grad().defined());
}

TEST(AddNorm, AddsTheBranchInPlaceAndNormalisesTheSum) {
  const torch::Tensor rows = values("rows", {5, 128});
  const torch::Tensor branch = values("branch", {5, 128}).to(torch::kBFloat16);
  const torch::Tensor weight = values("norm", {128});
  const torch::Tensor bias = values("bias", {128});
  const torch::Tensor sum = rows + branch.to(torch::kFloat32);
  const torch::Tensor expected = at::layer_norm(sum, {128}, weight, bias, 1e-5);

  torch::Tensor changed = rows.clone();
  const torch::Tensor actual = add_norm_(changed, branch, weight, bias, kLayerNormEpsilon, torch::kBFloat16);
  EXPECT_EQ(actual.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(changed, sum));
  EXPECT_TRUE(torch::equal(actual, expected.to(torch::kBFloat16)));

  changed = rows.clone();
  add_norm_(changed, {}, weight, bias, kLayerNormEpsilon, torch::kBFloat16);
  EXPECT_TRUE(torch::equal(changed, rows));
}

}  // namespace
}  // namespace mkt::nn
