#pragma once
// Loss scaling for fp16 gradients.

#include <cstdint>
#include <nlohmann/json.hpp>

namespace mkt::optim {

/// A factor by which the loss is multiplied, so that small gradients do not underflow in fp16. An overflow
/// halves it, and the update of that step is skipped; 2,000 consecutive finite steps double it. If disabled,
/// it is 1. Source: Micikevicius et al., arXiv 1710.03740; constants of torch.amp.GradScaler.
class LossScaler {
 public:
  explicit LossScaler(bool enabled) : enabled_(enabled) {}

  double factor() const { return enabled_ ? factor_ : 1.0; }
  /// Whether the factor is large enough to be the cause of an overflow.
  bool can_shrink() const;
  /// Adapts the factor after a step; `finite`: all gradients were finite.
  void update(bool finite);

  /// Returns {"factor", "good_steps"} for load_state().
  nlohmann::ordered_json state() const;
  void load_state(const nlohmann::ordered_json& state);

 private:
  bool enabled_;
  double factor_ = 65536.0;
  std::int64_t good_steps_ = 0;
};

}  // namespace mkt::optim
