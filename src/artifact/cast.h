#pragma once
// Converts weights to another dtype.

#include "mkt/torch.h"

#include <string>

namespace mkt::artifact {

/// Converts `tensor` to `dtype`. Throws c10::Error if finite numbers become infinite; the message names
/// `file`, the tensor's `name` and `dtype_name`, and ends with `advice`.
inline torch::Tensor cast_whole(const torch::Tensor& tensor, torch::Dtype dtype,
                                const std::string& dtype_name, const std::string& file,
                                const std::string& name, const char* advice) {
  torch::Tensor cast = tensor.to(dtype);
  TORCH_CHECK(cast.isfinite().all().item<bool>() || !tensor.isfinite().all().item<bool>(), file, ": tensor '",
              name, "' holds numbers too large for ", dtype_name, ". ", advice);
  return cast;
}

}  // namespace mkt::artifact
