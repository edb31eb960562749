#include "optim/weight_average.h"

#include <gtest/gtest.h>

#include "optim/table_adamw.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::optim {
namespace {

torch::Tensor value(const std::string& name, int step) {
  return test::formula_tensor(name + std::to_string(step), {3, 4}, -1, 1);
}

void assign(const torch::Tensor& tensor, const torch::Tensor& values) {
  const torch::NoGradGuard no_grad;
  tensor.copy_(values);
}

TEST(WeightAverage, EqualsThePlainRecursion) {
  for (const double decay : {0.25, 0.9, 0.999}) {
    const torch::Tensor a = value("a", 0).requires_grad_();
    const torch::Tensor b = value("b", 0);
    WeightAverage average({{"a", a}, {"b", b}}, decay);
    torch::Tensor plain_a = a.detach().to(torch::kFloat64);
    torch::Tensor plain_b = b.to(torch::kFloat64);
    for (int step = 1; step <= 20; ++step) {
      assign(a, value("a", step));
      assign(b, value("b", step));
      average.update();
      plain_a = decay * plain_a + (1 - decay) * a.detach();
      plain_b = decay * plain_b + (1 - decay) * b;
    }
    const State state = average.state();
    EXPECT_LT((state.at("ema.a") - plain_a).abs().max().item<double>(), 1e-6) << decay;
    EXPECT_LT((state.at("ema.b") - plain_b).abs().max().item<double>(), 1e-6) << decay;
    EXPECT_TRUE(torch::equal(a, value("a", 20))) << "the weights themselves are not changed";
  }
}

TEST(WeightAverage, OfWeightsThatStayIsTheWeightsBitForBit) {
  const torch::Tensor a = value("a", 0);
  WeightAverage average({{"a", a}}, 0.999);
  for (int step = 0; step < 50; ++step) average.update();
  EXPECT_TRUE(torch::equal(average.state().at("ema.a"), a));
}

TEST(WeightAverage, IsInTheWeightsWhileTheyAreExchanged) {
  const torch::Tensor a = value("a", 0);
  WeightAverage average({{"a", a}}, 0.5);
  assign(a, value("a", 1));
  const void* address = a.data_ptr();
  {
    const AveragedWeights averaged(average);
    EXPECT_TRUE(torch::equal(a, value("a", 0)));
    EXPECT_EQ(a.data_ptr(), address) << "CUDA graphs keep the address";
  }
  EXPECT_TRUE(torch::equal(a, value("a", 1)));
  EXPECT_TRUE(torch::equal(average.state().at("ema.a"), value("a", 0)));
}

TEST(WeightAverage, ContinuesBitIdenticallyFromItsState) {
  const torch::Tensor a = value("a", 0);
  WeightAverage whole({{"a", a}}, 0.9);
  assign(a, value("a", 1));
  whole.update();
  State saved = {{"ema.a", whole.state().at("ema.a").clone()}, {"model.a", a.clone()}};
  assign(a, value("a", 2));
  whole.update();
  const torch::Tensor b = torch::zeros({3, 4});
  WeightAverage resumed({{"a", b}}, 0.9);
  resumed.take_state(saved, "state");
  EXPECT_EQ(saved.size(), 1U) << "only the other tensors are left";
  assign(b, value("a", 2));
  resumed.update();
  EXPECT_TRUE(torch::equal(resumed.state().at("ema.a"), whole.state().at("ema.a")));
}

TEST(WeightAverage, RefusesAnotherState) {
  WeightAverage average({{"a", value("a", 0)}}, 0.9);
  const auto message = [&](State state) {
    return test::message_of([&] { average.take_state(state, "step-1"); });
  };
  EXPECT_EQ(message({}), "step-1: expected a tensor 'ema.a', got none. Name another state.");
  EXPECT_EQ(message({{"ema.a", torch::zeros({2})}}),
            "step-1: expected 'ema.a' of shape [3, 4], got [2]. Name another state.");
  EXPECT_EQ(message({{"ema.a", torch::zeros({3, 4})}, {"ema.b", torch::zeros({2})}}),
            "step-1: expected only averages of trained parameters, got 'ema.b'. Name another state.");
}

TEST(WeightAverage, RefusesADecayOutsideItsRange) {
  for (const double decay : {-0.5, 1.0, 2.0}) {
    const std::string message = test::message_of([&] { WeightAverage({}, decay); });
    EXPECT_EQ(message.rfind("ema: expected a decay of at least 0 and below 1, got ", 0), 0U) << message;
  }
  EXPECT_NO_THROW(check_ema_decay(0));
}

/// Stage 2: rows without gradients are CLIP's times a scalar, so their average is CLIP's times the scalar's.
TEST(WeightAverage, OfATablesDecayIsTheAverageOfItsOtherRows) {
  constexpr double kAverageDecay = 0.8;
  const torch::Tensor table = test::formula_tensor("table", {9, 4}, -1, 1);
  torch::Tensor whole = table.clone().requires_grad_();
  torch::optim::AdamW adamw({whole}, torch::optim::AdamWOptions(0.1).weight_decay(0.05));
  torch::Tensor rows = table.narrow(0, 0, 3).clone().requires_grad_();
  TableAdamW optimizer(rows, 0.05);
  WeightAverage average({{"rows", rows}, {"decay", optimizer.decay_tensor()}}, kAverageDecay);
  torch::Tensor expected = table.to(torch::kFloat64);
  for (int step = 0; step < 6; ++step) {
    rows.mutable_grad() = value("gradient", step);
    whole.mutable_grad() = torch::cat({value("gradient", step), torch::zeros({6, 4})});
    optimizer.step(0.1);
    adamw.step();
    average.update();
    expected = kAverageDecay * expected + (1 - kAverageDecay) * whole.detach();
  }
  const AveragedWeights averaged(average);
  EXPECT_LT((rows.detach() - expected.narrow(0, 0, 3)).abs().max().item<double>(), 1e-6);
  const torch::Tensor others = table.narrow(0, 3, 6) * optimizer.decay();
  EXPECT_LT((others - expected.narrow(0, 3, 6)).abs().max().item<double>(), 1e-6);
  EXPECT_LT(optimizer.decay(), 1);
}

}  // namespace
}  // namespace mkt::optim
