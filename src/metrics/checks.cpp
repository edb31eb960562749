#include "metrics/checks.h"

namespace mkt::metrics {
namespace {

bool has_nan(const float* values, std::int64_t size) {
  int unequal = 0;
  for (std::int64_t i = 0; i < size; ++i) unequal |= static_cast<int>(values[i] != values[i]);
  return unequal != 0;
}

bool has_rows(const torch::Tensor& table) {
  return table.dim() == 2 && (table.size(1) <= 1 || table.stride(1) == 1);
}

}  // namespace

torch::Tensor as_rows(const torch::Tensor& table, torch::ScalarType dtype) {
  const torch::Tensor converted = table.to(torch::kCPU, dtype);
  return has_rows(converted) ? converted : converted.contiguous();
}

bool has_nan(const torch::Tensor& scores) {
  const bool plain = scores.is_cpu() && scores.scalar_type() == torch::kFloat32;
  if (plain && scores.is_contiguous()) return has_nan(scores.const_data_ptr<float>(), scores.numel());
  if (!plain || !has_rows(scores)) return scores.isnan().any().item<bool>();
  bool found = false;
  for (std::int64_t row = 0; row < scores.size(0) && !found; ++row)
    found = has_nan(scores.const_data_ptr<float>() + row * scores.stride(0), scores.size(1));
  return found;
}

}  // namespace mkt::metrics
