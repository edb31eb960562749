#pragma once
// Loss scaling for fp16 gradients.

#include "mkt/core/torch.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace mkt::train {

/// Multiplies the loss so that small gradients survive in fp16; halves the factor and skips the step when one
/// overflows, doubles it after 2,000 good steps in a row. Switched off it does nothing. Source: Micikevicius
/// et al., arXiv 1710.03740; constants of torch.amp.GradScaler.
class LossScaler {
 public:
  explicit LossScaler(bool enabled) : enabled_(enabled) {}

  torch::Tensor scale(const torch::Tensor& loss) const;
  /// Takes the factor out of all gradients and adapts it. False: a gradient overflowed, leave the step out.
  bool unscale(const std::vector<torch::Tensor>& parameters);

  nlohmann::ordered_json state() const;
  void load_state(const nlohmann::ordered_json& state);

 private:
  bool enabled_;
  double factor_ = 65536.0;
  std::int64_t good_steps_ = 0;
};

}  // namespace mkt::train
