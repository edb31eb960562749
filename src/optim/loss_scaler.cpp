#include "optim/loss_scaler.h"

namespace mkt::optim {
namespace {
constexpr double kGrowth = 2.0;
constexpr double kBackoff = 0.5;
constexpr std::int64_t kGrowthInterval = 2000;
constexpr double kLeastFactor = 1e-3;
}  // namespace

bool LossScaler::can_shrink() const {
  return enabled_ && factor_ >= kLeastFactor;
}

void LossScaler::update(bool finite) {
  good_steps_ = finite ? good_steps_ + 1 : 0;
  if (!finite) {
    factor_ *= kBackoff;
  } else if (good_steps_ == kGrowthInterval) {
    factor_ *= kGrowth;
    good_steps_ = 0;
  }
}

nlohmann::ordered_json LossScaler::state() const {
  return {{"factor", factor_}, {"good_steps", good_steps_}};
}

void LossScaler::load_state(const nlohmann::ordered_json& state) {
  factor_ = state.at("factor");
  good_steps_ = state.at("good_steps");
}

}  // namespace mkt::optim
