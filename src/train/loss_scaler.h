#pragma once
// Loss scaling for fp16 gradients.

#include <cstdint>
#include <nlohmann/json.hpp>

namespace mkt::train {

/// The factor on the loss that lets small gradients survive in fp16: halved when one overflows, whose step is
/// left out, and doubled after 2,000 good steps in a row. Switched off it stays 1. Source: Micikevicius et
/// al., arXiv 1710.03740; constants of torch.amp.GradScaler.
class LossScaler {
 public:
  explicit LossScaler(bool enabled) : enabled_(enabled) {}

  bool enabled() const { return enabled_; }
  double factor() const { return enabled_ ? factor_ : 1.0; }
  /// Whether the factor is large enough to be the reason why gradients overflow.
  bool can_shrink() const;
  /// Adapts the factor to a step whose gradients were finite, or not.
  void update(bool finite);

  nlohmann::ordered_json state() const;
  void load_state(const nlohmann::ordered_json& state);

 private:
  bool enabled_;
  double factor_ = 65536.0;
  std::int64_t good_steps_ = 0;
};

}  // namespace mkt::train
