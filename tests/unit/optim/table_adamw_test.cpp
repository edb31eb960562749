#include "optim/table_adamw.h"

#include <gtest/gtest.h>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::optim {
namespace {

constexpr double kDecay = 0.05;
constexpr std::int64_t kRows = 3;

torch::Tensor table() {
  return test::formula_tensor("table", {9, 4}, -1, 1);
}

torch::Tensor gradient(int step) {
  return test::formula_tensor("gradient" + std::to_string(step), {kRows, 4}, -1, 1);
}

double rate(int step) {
  return 1e-2 * (step + 1);
}

/// Runs optimizer steps [first, last) on `rows`, the first rows of the table.
void run(TableAdamW& optimizer, torch::Tensor rows, int first, int last) {
  for (int step = first; step < last; ++step) {
    rows.mutable_grad() = gradient(step);
    optimizer.step(rate(step));
  }
}

TEST(TableAdamW, AgreesWithAdamWOverTheWholeTable) {
  torch::Tensor whole = table().requires_grad_();
  torch::optim::AdamW adamw({whole}, torch::optim::AdamWOptions(1).weight_decay(kDecay));
  torch::Tensor rows = table().narrow(0, 0, kRows).clone().requires_grad_();
  TableAdamW optimizer(rows, kDecay);
  for (int step = 0; step < 6; ++step) {
    whole.mutable_grad() = torch::cat({gradient(step), torch::zeros({6, 4})});
    static_cast<torch::optim::AdamWOptions&>(adamw.param_groups()[0].options()).lr(rate(step));
    adamw.step();
    run(optimizer, rows, step, step + 1);
  }
  const torch::Tensor expected = whole.detach();
  EXPECT_TRUE(torch::equal(rows.detach(), expected.narrow(0, 0, kRows)));
  const torch::Tensor others = table().narrow(0, kRows, 6) * optimizer.decay();
  EXPECT_LT((others - expected.narrow(0, kRows, 6)).abs().max().item<double>(), 1e-6);
  EXPECT_LT(optimizer.decay(), 0.99);
}

TEST(TableAdamW, DoesNothingWithoutAGradient) {
  const torch::Tensor rows = table().requires_grad_();
  TableAdamW optimizer(rows, kDecay);
  optimizer.step(0.1);
  EXPECT_TRUE(torch::equal(rows, table()));
  EXPECT_EQ(optimizer.decay(), 1.0);
}

TEST(TableAdamW, ContinuesBitIdenticallyFromItsState) {
  torch::Tensor rows = table().narrow(0, 0, kRows).clone().requires_grad_();
  TableAdamW optimizer(rows, kDecay);
  run(optimizer, rows, 0, 3);
  const State state = optimizer.state();
  torch::Tensor resumed_rows = rows.detach().clone().requires_grad_();
  TableAdamW resumed(resumed_rows, kDecay);
  resumed.load_state(state);
  run(optimizer, rows, 3, 6);
  run(resumed, resumed_rows, 3, 6);
  EXPECT_TRUE(torch::equal(rows, resumed_rows));
  EXPECT_EQ(optimizer.decay(), resumed.decay());
}

TEST(TableAdamW, RejectsAStateWithoutDecay) {
  const torch::Tensor rows = table().requires_grad_();
  TableAdamW optimizer(rows, kDecay);
  State state = optimizer.state();
  state.erase("decay");
  EXPECT_EQ(test::message_of([&] { optimizer.load_state(state); }),
            "optimiser state: expected one number in 'decay', got 0. Resume from a complete state.");
}

}  // namespace
}  // namespace mkt::optim
