#include "checks.h"

#include <ATen/Parallel.h>

#include <atomic>

namespace mkt::metrics {

bool has_nan(const torch::Tensor& scores) {
  const bool plain = scores.is_cpu() && scores.scalar_type() == torch::kFloat32 && scores.is_contiguous();
  if (!plain) return scores.isnan().any().item<bool>();
  constexpr std::int64_t kValuesAtOnce = std::int64_t{1} << 16;
  const auto* values = scores.const_data_ptr<float>();
  std::atomic<bool> found{false};
  at::parallel_for(0, scores.numel(), kValuesAtOnce, [&](std::int64_t begin, std::int64_t end) {
    int unequal = 0;
    for (std::int64_t i = begin; i < end; ++i) unequal |= static_cast<int>(values[i] != values[i]);
    if (unequal != 0) found = true;
  });
  return found;
}

}  // namespace mkt::metrics
