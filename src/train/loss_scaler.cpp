#include "mkt/train/loss_scaler.h"

namespace mkt::train {
namespace {
constexpr double kGrowth = 2.0;
constexpr double kBackoff = 0.5;
constexpr std::int64_t kGrowthInterval = 2000;
}  // namespace

torch::Tensor LossScaler::scale(const torch::Tensor& loss) const {
  return enabled_ ? loss * factor_ : loss;
}

bool LossScaler::unscale(const std::vector<torch::Tensor>& parameters) {
  if (!enabled_) return true;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return true;
  const auto scalar = torch::TensorOptions().dtype(torch::kFloat32).device(gradients.front().device());
  torch::Tensor overflow = torch::zeros({1}, scalar);
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, overflow,
                                                 torch::full({1}, 1.0 / factor_, scalar));
  const bool good = overflow.item<float>() == 0.0F;
  good_steps_ = good ? good_steps_ + 1 : 0;
  if (!good) {
    factor_ *= kBackoff;
  } else if (good_steps_ == kGrowthInterval) {
    factor_ *= kGrowth;
    good_steps_ = 0;
  }
  return good;
}

nlohmann::ordered_json LossScaler::state() const {
  return {{"factor", factor_}, {"good_steps", good_steps_}};
}

void LossScaler::load_state(const nlohmann::ordered_json& state) {
  factor_ = state.at("factor");
  good_steps_ = state.at("good_steps");
}

}  // namespace mkt::train
