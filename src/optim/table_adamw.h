#pragma once
// AdamW for a table in which only some rows have gradients.

#include "mkt/torch.h"

#include <memory>
#include <vector>

#include "optim/adamw.h"

namespace mkt::optim {

/// Updates the rows with gradients as AdamW for the whole table would. AdamW would multiply all other rows by
/// 1 − lr·weight_decay in each step; here the product of these factors is accumulated and applied when the
/// table is written.
class TableAdamW {
 public:
  /// `rows` (R, W): the table rows that have gradients, updated in place.
  TableAdamW(const torch::Tensor& rows, double weight_decay);

  /// Runs one step with learning rate `lr`. Without a gradient, changes nothing and applies no weight decay,
  /// as AdamW.
  void step(double lr);
  /// Product of all decay factors so far, for the rows without gradients.
  double decay() const { return decay_.item<double>(); }
  /// The same as a float64 scalar on the CPU, which step() updates in place.
  const torch::Tensor& decay_tensor() const { return decay_; }

  /// Returns the state: "exp_avg.rows", "exp_avg_sq.rows", "step.rows" (absent before the first step) and
  /// "decay" (float64 scalar). The tensors are copies on the CPU.
  State state() const;
  /// Restores a state returned by state(); the next step is then bit-identical to that of an uninterrupted
  /// run. Throws c10::Error that names the key if a tensor is missing, unknown or of another shape.
  void load_state(const State& state);

 private:
  torch::Tensor rows_;
  std::vector<ParameterGroup> groups_;
  std::unique_ptr<torch::optim::AdamW> adamw_;
  torch::Tensor decay_ = torch::ones({}, torch::kFloat64);
};

}  // namespace mkt::optim
