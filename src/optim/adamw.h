#pragma once
// AdamW over groups of named parameters, with a state that can be saved and restored.

#include <torch/optim/adamw.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "optim/parameter_groups.h"

namespace mkt::optim {

/// Tensors by name; the same type as weights::TensorMap.
using State = std::map<std::string, torch::Tensor>;

/// An AdamW optimiser (β 0.9 and 0.999, ε 1e-8, decoupled decay) for the parameters that the groups name, in
/// the order of the groups, with learning rates lr × lr_scale. A parameter without a gradient is not changed,
/// not even by decay. Throws ValueError if a name is not in `parameters`. Source: Loshchilov and Hutter,
/// arXiv 1711.05101.
std::unique_ptr<torch::optim::AdamW> make_adamw(const NamedParameters& parameters,
                                                const std::vector<ParameterGroup>& groups, double lr);

/// Sets the learning rate of each group to lr × lr_scale. `groups` must be those that the optimiser was made
/// with.
void set_learning_rate(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups, double lr);

/// The state of each parameter that has had a gradient: "exp_avg.<name>", "exp_avg_sq.<name>" and
/// "step.<name>" (int64 scalar). The tensors are copies on the CPU.
State optimizer_state(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups);

/// Replaces the state by one from optimizer_state; the next step is then bit-identical to the one that would
/// have followed. Throws c10::Error that names the key if a tensor is missing, has another shape, or does not
/// belong to a parameter of the groups.
void load_optimizer_state(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups,
                          const State& state);

}  // namespace mkt::optim
