#include "mkt/train/loss_scaler.h"

#include <gtest/gtest.h>

#include <limits>

namespace mkt::train {
namespace {

torch::Tensor parameter_with_gradient(double gradient) {
  torch::Tensor parameter = torch::zeros({3}).requires_grad_();
  parameter.mutable_grad() = torch::full({3}, gradient);
  return parameter;
}

TEST(LossScaler, TakesOutWhatItPutIn) {
  LossScaler scaler(true);
  const double factor = scaler.scale(torch::ones({})).item<double>();
  EXPECT_GT(factor, 1);
  const torch::Tensor parameter = parameter_with_gradient(0.5 * factor);
  EXPECT_TRUE(scaler.unscale({parameter}));
  EXPECT_TRUE(parameter.grad().equal(torch::full({3}, 0.5)));
}

TEST(LossScaler, LeavesOutAnOverflowAndHalves) {
  LossScaler scaler(true);
  const double factor = scaler.state()["factor"];
  EXPECT_FALSE(scaler.unscale({parameter_with_gradient(std::numeric_limits<double>::infinity())}));
  EXPECT_EQ(scaler.state()["factor"].get<double>(), factor / 2);
}

TEST(LossScaler, GrowsAfterManyGoodSteps) {
  LossScaler scaler(true);
  const double factor = scaler.state()["factor"];
  scaler.load_state({{"factor", factor}, {"good_steps", 1999}});
  EXPECT_TRUE(scaler.unscale({parameter_with_gradient(1)}));
  EXPECT_EQ(scaler.state()["factor"].get<double>(), 2 * factor);
}

TEST(LossScaler, SwitchedOffItDoesNothing) {
  LossScaler scaler(false);
  const torch::Tensor parameter = parameter_with_gradient(2);
  EXPECT_EQ(scaler.scale(torch::ones({})).item<double>(), 1);
  EXPECT_TRUE(scaler.unscale({parameter}));
  EXPECT_TRUE(parameter.grad().equal(torch::full({3}, 2.0)));
}

}  // namespace
}  // namespace mkt::train
