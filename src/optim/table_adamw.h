#pragma once
// AdamW for a table of which only some rows have gradients.

#include "mkt/torch.h"

#include <memory>
#include <vector>

#include "optim/adamw.h"

namespace mkt::optim {

/// Updates the rows that have gradients as AdamW over the whole table would. AdamW would multiply all other
/// rows by 1 − lr·weight_decay in each step: the product of these factors is kept and applied when the table
/// is written.
class TableAdamW {
 public:
  /// `rows` (R, W): the rows that have gradients.
  TableAdamW(const torch::Tensor& rows, double weight_decay);

  /// One step at learning rate `lr`. Without a gradient it changes nothing, as AdamW, and does not decay.
  void step(double lr);
  /// The product of the factors for all other rows so far.
  double decay() const { return decay_; }

  /// The state: "exp_avg.rows", "exp_avg_sq.rows", "step.rows" (absent before the first step) and "decay"
  /// (float64 scalar). The tensors are copies on the CPU.
  State state() const;
  /// Replaces the state by one from state(); the next step is then bit-identical to the one that would have
  /// followed. Throws c10::Error that names the key if a tensor is missing, unknown or of another shape.
  void load_state(const State& state);

 private:
  torch::Tensor rows_;
  std::vector<ParameterGroup> groups_;
  std::unique_ptr<torch::optim::AdamW> adamw_;
  double decay_ = 1.0;
};

}  // namespace mkt::optim
