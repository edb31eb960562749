#pragma once
// Converts weights to another dtype.

#include "mkt/torch.h"

#include <string>

#include "mkt/core/enum_names.h"

namespace mkt::weights {

/// Dtype of the floating-point tensors in a file to write; kKeep keeps the dtype of each.
enum class WeightType { kKeep, kFloat32, kFloat16, kBFloat16 };

/// Converts `tensor` to the dtype. Returns it unchanged for kKeep, or if it is not a floating-point tensor.
/// Throws c10::Error if finite numbers become infinite; the message names `file`, the tensor's `name` and the
/// dtype.
torch::Tensor cast_whole(const torch::Tensor& tensor, WeightType type, const std::string& file,
                         const std::string& name);

}  // namespace mkt::weights

/// Each dtype has PyTorch's name, then a short one.
template <>
struct mkt::Names<mkt::weights::WeightType> {
  static constexpr NameTable<weights::WeightType, 7> kTable{{{weights::WeightType::kKeep, "keep"},
                                                             {weights::WeightType::kFloat32, "float32"},
                                                             {weights::WeightType::kFloat16, "float16"},
                                                             {weights::WeightType::kBFloat16, "bfloat16"},
                                                             {weights::WeightType::kFloat32, "fp32"},
                                                             {weights::WeightType::kFloat16, "fp16"},
                                                             {weights::WeightType::kBFloat16, "bf16"}}};
};
