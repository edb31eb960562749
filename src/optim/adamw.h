#pragma once
// AdamW for groups of named parameters, with a state that can be saved and restored.

#include <torch/optim/adamw.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "optim/parameter_groups.h"

namespace mkt::optim {

/// Tensors by name; the same type as weights::TensorMap.
using State = std::map<std::string, torch::Tensor>;

/// Creates an AdamW optimiser (β 0.9 and 0.999, ε 1e-8, decoupled weight decay) for the parameters named in
/// `groups`, in that order, with the learning rate lr × lr_scale per group. A parameter without a gradient is
/// not changed, not even by weight decay. Throws ValueError if a name is not in `parameters`. Source:
/// Loshchilov and Hutter, arXiv 1711.05101.
std::unique_ptr<torch::optim::AdamW> make_adamw(const NamedParameters& parameters,
                                                const std::vector<ParameterGroup>& groups, double lr);

/// Sets the learning rate of each group to lr × lr_scale. `groups` must be the argument that was passed to
/// make_adamw().
void set_learning_rate(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups, double lr);

/// Performs one step: on a GPU fused_step(), elsewhere AdamW::step().
void step(torch::optim::AdamW& optimizer);

/// Performs one step with one kernel per group and a small fill per parameter, instead of about ten kernels
/// per parameter. The results differ from those of AdamW::step() only by rounding.
void fused_step(torch::optim::AdamW& optimizer);

/// Returns the state of every parameter that has received a gradient: "exp_avg.<name>", "exp_avg_sq.<name>"
/// and "step.<name>" (int64 scalar). The tensors are copies on the CPU.
State optimizer_state(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups);

/// Restores a state returned by optimizer_state(); the next step is then bit-identical to that of an
/// uninterrupted run. Throws c10::Error that names the key if a tensor is missing, has another shape, or does
/// not belong to a parameter of the groups.
void load_optimizer_state(torch::optim::AdamW& optimizer, const std::vector<ParameterGroup>& groups,
                          const State& state);

}  // namespace mkt::optim
