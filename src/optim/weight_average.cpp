#include "optim/weight_average.h"

#include <ATen/ops/_foreach_lerp.h>

namespace mkt::optim {
namespace {

constexpr const char* kPrefix = "ema.";

}  // namespace

void check_ema_decay(double decay) {
  TORCH_CHECK_VALUE(decay >= 0 && decay < 1, "ema: expected a decay of at least 0 and below 1, got ", decay,
                    ". Use for example 0.999, or 0 for no average.");
}

WeightAverage::WeightAverage(const State& tensors, double decay) : decay_(decay) {
  check_ema_decay(decay);
  for (const auto& [name, tensor] : tensors) {
    names_.push_back(name);
    tensors_.push_back(tensor.detach());
    averages_.push_back(tensor.detach().clone());
  }
}

void WeightAverage::update() {
  const torch::NoGradGuard no_grad;
  at::_foreach_lerp_(averages_, tensors_, 1 - decay_);
}

void WeightAverage::exchange() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const torch::Tensor value = tensors_[i].clone();
    tensors_[i].copy_(averages_[i]);
    averages_[i].copy_(value);
  }
}

State WeightAverage::state() const {
  State result;
  for (std::size_t i = 0; i < names_.size(); ++i) result[kPrefix + names_[i]] = averages_[i].cpu();
  return result;
}

void WeightAverage::take_state(State& state, const std::string& source) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto saved = state.extract(kPrefix + names_[i]);
    TORCH_CHECK(!saved.empty(), source, ": expected a tensor '", kPrefix, names_[i],
                "', got none. Name another state.");
    TORCH_CHECK(saved.mapped().sizes() == averages_[i].sizes(), source, ": expected '", saved.key(),
                "' of shape ", averages_[i].sizes(), ", got ", saved.mapped().sizes(),
                ". Name another state.");
    averages_[i].copy_(saved.mapped());
  }
  const auto left = state.lower_bound(kPrefix);
  TORCH_CHECK(left == state.end() || left->first.rfind(kPrefix, 0) != 0, source,
              ": expected only averages of trained parameters, got '", left->first, "'. Name another state.");
}

}  // namespace mkt::optim
