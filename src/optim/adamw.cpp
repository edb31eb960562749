#include "optim/adamw.h"

#include <ATen/ops/_fused_adamw.h>

#include <functional>
#include <set>
#include <utility>

namespace mkt::optim {
namespace {

using torch::optim::AdamW;
using torch::optim::AdamWOptions;
using torch::optim::AdamWParamState;

constexpr const char* kAverage = "exp_avg.";
constexpr const char* kSquare = "exp_avg_sq.";
constexpr const char* kStep = "step.";

/// Calls visit(name, parameter) for every parameter in `groups`, in order.
void for_each_parameter(AdamW& optimizer, const std::vector<ParameterGroup>& groups,
                        const std::function<void(const std::string&, const torch::Tensor&)>& visit) {
  auto& own = optimizer.param_groups();
  TORCH_CHECK_VALUE(own.size() == groups.size(), "optimiser: expected the ", own.size(),
                    " parameter groups that it was made with, got ", groups.size(),
                    ". Pass the same groups.");
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& parameters = own[g].params();
    TORCH_CHECK_VALUE(parameters.size() == groups[g].names.size(), "optimiser: expected ", parameters.size(),
                      " parameters in group ", g, ", got ", groups[g].names.size(),
                      ". Pass the same groups.");
    for (std::size_t i = 0; i < parameters.size(); ++i) visit(groups[g].names[i], parameters[i]);
  }
}

const torch::Tensor& find(const State& state, const std::string& key) {
  const auto found = state.find(key);
  TORCH_CHECK(found != state.end(), "optimiser state: expected a tensor '", key,
              "', got none. Resume from a complete state.");
  return found->second;
}

torch::Tensor restored(const State& state, const std::string& key, const torch::Tensor& parameter) {
  const torch::Tensor& tensor = find(state, key);
  TORCH_CHECK(tensor.sizes() == parameter.sizes(), "optimiser state: expected '", key, "' of shape ",
              parameter.sizes(), ", got ", tensor.sizes(), ". Resume with the model that wrote it.");
  return torch::empty_like(parameter).copy_(tensor);
}

std::unique_ptr<AdamWParamState> restored_state(const State& state, const std::string& name,
                                                const torch::Tensor& parameter) {
  const torch::NoGradGuard no_grad;
  auto result = std::make_unique<AdamWParamState>();
  result->exp_avg(restored(state, kAverage + name, parameter));
  result->exp_avg_sq(restored(state, kSquare + name, parameter));
  const torch::Tensor step = find(state, kStep + name);
  TORCH_CHECK(step.numel() == 1, "optimiser state: expected one number in '", kStep + name, "', got ",
              step.numel(), ". Resume from a state that this program wrote.");
  result->step(step.item<std::int64_t>());
  return result;
}

/// Returns the state of `parameter`; creates it at the first step.
AdamWParamState& state_of(AdamW& optimizer, const torch::Tensor& parameter) {
  auto& state = optimizer.state()[parameter.unsafeGetTensorImpl()];
  if (!state) {
    auto fresh = std::make_unique<AdamWParamState>();
    fresh->step(0);
    fresh->exp_avg(torch::zeros_like(parameter, torch::MemoryFormat::Preserve));
    fresh->exp_avg_sq(torch::zeros_like(parameter, torch::MemoryFormat::Preserve));
    state = std::move(fresh);
  }
  return static_cast<AdamWParamState&>(*state);
}

void fused_step(AdamW& optimizer, const torch::optim::OptimizerParamGroup& group) {
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> gradients;
  std::vector<torch::Tensor> averages;
  std::vector<torch::Tensor> squares;
  std::vector<torch::Tensor> steps;
  for (const torch::Tensor& parameter : group.params()) {
    if (!parameter.grad().defined()) continue;
    AdamWParamState& state = state_of(optimizer, parameter);
    state.step(state.step() + 1);
    parameters.push_back(parameter);
    gradients.push_back(parameter.grad());
    averages.push_back(state.exp_avg());
    squares.push_back(state.exp_avg_sq());
    steps.push_back(torch::full({}, state.step(), parameter.options().dtype(torch::kFloat32)));
  }
  if (parameters.empty()) return;
  const auto& options = static_cast<const AdamWOptions&>(group.options());
  at::_fused_adamw_(parameters, gradients, averages, squares, /*max_exp_avg_sqs=*/{}, steps, options.lr(),
                    std::get<0>(options.betas()), std::get<1>(options.betas()), options.weight_decay(),
                    options.eps(), options.amsgrad(), /*maximize=*/false);
}

}  // namespace

std::unique_ptr<AdamW> make_adamw(const NamedParameters& parameters,
                                  const std::vector<ParameterGroup>& groups, double lr) {
  std::vector<torch::optim::OptimizerParamGroup> own;
  for (const auto& group : groups) {
    std::vector<torch::Tensor> tensors;
    for (const auto& name : group.names) {
      const auto* tensor = parameters.find(name);
      TORCH_CHECK_VALUE(tensor != nullptr, "parameter '", name,
                        "': expected it in the model, got none. Make the groups from the same model.");
      tensors.push_back(*tensor);
    }
    auto options = std::make_unique<AdamWOptions>(lr * group.lr_scale);
    options->weight_decay(group.weight_decay);
    own.emplace_back(std::move(tensors), std::move(options));
  }
  return std::make_unique<AdamW>(std::move(own), AdamWOptions(lr));
}

void set_learning_rate(AdamW& optimizer, const std::vector<ParameterGroup>& groups, double lr) {
  auto& own = optimizer.param_groups();
  TORCH_CHECK_VALUE(own.size() == groups.size(), "optimiser: expected the ", own.size(),
                    " parameter groups that it was made with, got ", groups.size(),
                    ". Pass the same groups.");
  for (std::size_t g = 0; g < groups.size(); ++g) own[g].options().set_lr(lr * groups[g].lr_scale);
}

void fused_step(AdamW& optimizer) {
  const torch::NoGradGuard no_grad;
  for (const auto& group : optimizer.param_groups()) fused_step(optimizer, group);
}

void step(AdamW& optimizer) {
  const auto& groups = optimizer.param_groups();
  const bool on_gpu = !groups.empty() && !groups[0].params().empty() && groups[0].params()[0].is_cuda();
  on_gpu ? fused_step(optimizer) : static_cast<void>(optimizer.step());
}

State optimizer_state(AdamW& optimizer, const std::vector<ParameterGroup>& groups) {
  State result;
  for_each_parameter(optimizer, groups, [&](const std::string& name, const torch::Tensor& parameter) {
    const auto found = optimizer.state().find(parameter.unsafeGetTensorImpl());
    if (found == optimizer.state().end()) return;
    auto& known = static_cast<AdamWParamState&>(*found->second);
    result[kAverage + name] = known.exp_avg().detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true);
    result[kSquare + name] =
        known.exp_avg_sq().detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true);
    result[kStep + name] = torch::tensor(known.step(), torch::kInt64);
  });
  return result;
}

void load_optimizer_state(AdamW& optimizer, const std::vector<ParameterGroup>& groups, const State& state) {
  std::set<std::string> unused;
  for (const auto& item : state) unused.insert(item.first);
  ska::flat_hash_map<void*, std::unique_ptr<torch::optim::OptimizerParamState>> fresh;
  for_each_parameter(optimizer, groups, [&](const std::string& name, const torch::Tensor& parameter) {
    const std::size_t known =
        unused.erase(kAverage + name) + unused.erase(kSquare + name) + unused.erase(kStep + name);
    if (known > 0) fresh[parameter.unsafeGetTensorImpl()] = restored_state(state, name, parameter);
  });
  TORCH_CHECK(unused.empty(), "optimiser state: expected only trained parameters, got '", *unused.begin(),
              "'. Resume with the same model and the same trained layers.");
  optimizer.state() = std::move(fresh);
}

}  // namespace mkt::optim
