#pragma once
// Labels, gradients and comparisons for tests of the losses.

#include <gtest/gtest.h>
#include "mkt/torch.h"

#include <functional>
#include <limits>
#include <string>

#include "support/formula.h"

namespace mkt::test {

/// A loss and its gradient with respect to the logits.
struct LossResult {
  torch::Tensor loss;
  torch::Tensor gradient;
};

using LossFunction = std::function<torch::Tensor(const torch::Tensor& logits)>;

/// Computes `loss` and its gradient, in the dtype of `logits`.
inline LossResult with_gradient(const torch::Tensor& logits, const LossFunction& loss) {
  const torch::Tensor leaf = logits.detach().clone().requires_grad_();
  const torch::Tensor value = loss(leaf);
  value.backward();
  return {value.detach(), leaf.grad()};
}

/// Labels (images, classes) in {-1, 0, 1}, of which the share `present` is 1.
inline torch::Tensor random_labels(const std::string& key, std::int64_t images, std::int64_t classes,
                                   double present) {
  const torch::Tensor drawn = formula_tensor(key, {images, classes}, 0, 1);
  return drawn.lt(present).to(torch::kInt8) - drawn.gt(0.3).to(torch::kInt8);
}

inline void expect_close(const torch::Tensor& got, const torch::Tensor& expected, double tolerance) {
  EXPECT_EQ(got.sizes(), expected.sizes());
  EXPECT_LE((got.to(torch::kFloat64) - expected.to(torch::kFloat64)).abs().max().item<double>(), tolerance);
}

inline void expect_close(const LossResult& got, const LossResult& expected, double tolerance) {
  expect_close(got.loss, expected.loss, tolerance);
  expect_close(got.gradient, expected.gradient, tolerance);
}

/// Expects a loss that is not finite for a NaN and an infinity at each place, annotated or not.
inline void expect_not_finite(
    const std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&)>& loss) {
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {-1, -1, 1}}, torch::kInt8);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
    for (std::int64_t place = 0; place < labels.numel(); ++place) {
      torch::Tensor logits = torch::zeros({2, 3});
      logits.view(-1)[place] = value;
      EXPECT_FALSE(loss(logits, labels).isfinite().item<bool>()) << value << " at " << place;
    }
  }
}

}  // namespace mkt::test
