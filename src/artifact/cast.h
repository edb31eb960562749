#pragma once
// Converts weights to another dtype.

#include "mkt/torch.h"

#include <string>

namespace mkt::artifact {

/// The tensor `name` of `file` converted to `dtype`, which messages call `dtype_name`. Throws c10::Error
/// naming the file and the tensor if finite numbers become infinite; `advice` ends the message.
inline torch::Tensor cast_whole(const torch::Tensor& tensor, torch::Dtype dtype,
                                const std::string& dtype_name, const std::string& file,
                                const std::string& name, const char* advice) {
  torch::Tensor cast = tensor.to(dtype);
  TORCH_CHECK(cast.isfinite().all().item<bool>() || !tensor.isfinite().all().item<bool>(), file, ": tensor '",
              name, "' holds numbers too large for ", dtype_name, ". ", advice);
  return cast;
}

}  // namespace mkt::artifact
