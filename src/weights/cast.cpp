#include "weights/cast.h"

namespace mkt::weights {
namespace {

torch::Dtype dtype_of(WeightType type) {
  if (type == WeightType::kFloat32) return torch::kFloat32;
  return type == WeightType::kFloat16 ? torch::kFloat16 : torch::kBFloat16;
}

}  // namespace

torch::Tensor cast_whole(const torch::Tensor& tensor, WeightType type, const std::string& file,
                         const std::string& name) {
  if (type == WeightType::kKeep || !tensor.is_floating_point()) return tensor;
  torch::Tensor cast = tensor.to(dtype_of(type));
  TORCH_CHECK(cast.isfinite().all().item<bool>() || !tensor.isfinite().all().item<bool>(), file, ": tensor '",
              name, "' holds numbers too large for ", enum_name(type), ". Use bfloat16.");
  return cast;
}

}  // namespace mkt::weights
