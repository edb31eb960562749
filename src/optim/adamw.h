#pragma once
// AdamW over groups of named parameters, with a state that can be written and read back.

#include <torch/optim/adamw.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "optim/parameter_groups.h"

namespace mkt::optim {

/// Tensors by name, as weights::TensorMap.
using State = std::map<std::string, torch::Tensor>;

/// AdamW (β 0.9/0.999, ε 1e-8, decoupled decay) over the parameters that the groups name, in the groups'
/// order, at rate lr × lr_scale. A parameter without a gradient is left as it is, without decay. Throws
/// ValueError for a name that `parameters` does not have.
std::unique_ptr<torch::optim::AdamW> make_adamw(const NamedParameters& parameters,
                                                const std::vector<ParameterGroup>& groups, double lr);

/// Sets each group's rate to lr × lr_scale. `groups` are those the optimiser was made of.
void set_learning_rate(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups, double lr);

/// What AdamW knows of each parameter that had a gradient: "exp_avg.<name>", "exp_avg_sq.<name>" and
/// "step.<name>" (int64 scalar). Copies, on the CPU.
State optimizer_state(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups);

/// Puts back what optimizer_state gave, so that the next step is bit for bit the one that would have
/// followed. Whatever state there was is dropped. Throws c10::Error naming the key where a tensor is missing,
/// has another shape, or belongs to no parameter of the groups.
void load_optimizer_state(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups,
                          const State& state);

}  // namespace mkt::optim
