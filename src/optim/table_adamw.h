#pragma once
// AdamW over a table of which only some rows have a gradient.

#include "mkt/torch.h"

#include <memory>
#include <vector>

#include "optim/adamw.h"

namespace mkt::optim {

/// Steps the rows that have a gradient as AdamW over the whole table would. All that it would do to the
/// others is to multiply them by 1 − lr·weight_decay each step: the product of these factors is kept, to be
/// applied when the table is written.
class TableAdamW {
 public:
  /// rows (R, W), the trained ones.
  TableAdamW(const torch::Tensor& rows, double weight_decay);

  /// Without a gradient nothing happens, as in AdamW: no decay either.
  void step(double lr);
  /// What all other rows are multiplied by so far.
  double decay() const { return decay_; }

  /// "exp_avg.rows", "exp_avg_sq.rows", "step.rows" (absent before the first step) and "decay" (float64).
  /// Copies, on the CPU.
  State state() const;
  /// Puts back what state() gave, so that the next step is bit for bit the one that would have followed.
  /// Throws c10::Error naming the key that is missing, left over or of another shape.
  void load_state(const State& state);

 private:
  torch::Tensor rows_;
  std::vector<ParameterGroup> groups_;
  std::unique_ptr<torch::optim::AdamW> adamw_;
  double decay_ = 1.0;
};

}  // namespace mkt::optim
