#include "metrics/checks.h"

namespace mkt::metrics {

bool has_nan(const torch::Tensor& scores) {
  const bool plain = scores.is_cpu() && scores.scalar_type() == torch::kFloat32 && scores.is_contiguous();
  if (!plain) return scores.isnan().any().item<bool>();
  const auto* values = scores.const_data_ptr<float>();
  int unequal = 0;
  for (std::int64_t i = 0; i < scores.numel(); ++i) unequal |= static_cast<int>(values[i] != values[i]);
  return unequal != 0;
}

}  // namespace mkt::metrics
