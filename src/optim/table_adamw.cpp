#include "optim/table_adamw.h"

#include <utility>

namespace mkt::optim {
namespace {

constexpr const char* kRows = "rows";
constexpr const char* kDecay = "decay";

}  // namespace

TableAdamW::TableAdamW(const torch::Tensor& rows, double weight_decay)
    : rows_(rows), groups_{{{kRows}, 1.0, weight_decay}} {
  NamedParameters parameters;
  parameters.insert(kRows, rows_);
  adamw_ = make_adamw(parameters, groups_, 0);
}

void TableAdamW::step(double lr) {
  if (!rows_.grad().defined()) return;
  set_learning_rate(*adamw_, groups_, lr);
  optim::step(*adamw_);
  decay_.mul_(1 - lr * groups_.front().weight_decay);
}

State TableAdamW::state() const {
  State result = optimizer_state(*adamw_, groups_);
  result[kDecay] = decay_.clone();
  return result;
}

void TableAdamW::load_state(const State& state) {
  State adamw = state;
  const auto decay = adamw.extract(kDecay);
  TORCH_CHECK(!decay.empty() && decay.mapped().numel() == 1, "optimiser state: expected one number in '",
              kDecay, "', got ", decay.empty() ? 0 : decay.mapped().numel(),
              ". Resume from a complete state.");
  load_optimizer_state(*adamw_, groups_, adamw);
  decay_.fill_(decay.mapped().item<double>());
}

}  // namespace mkt::optim
