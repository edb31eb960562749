#pragma once
// Weights in another type.

#include "mkt/torch.h"

#include <string>

namespace mkt::artifact {

/// `tensor` in `dtype`, which a user calls `asked`. Throws c10::Error naming `file` and the tensor where
/// numbers of it are too large for that; `advice` says what else to do.
inline torch::Tensor cast_whole(const torch::Tensor& tensor, torch::Dtype dtype, const std::string& asked,
                                const std::string& file, const std::string& name, const char* advice) {
  torch::Tensor cast = tensor.to(dtype);
  TORCH_CHECK(cast.isfinite().all().item<bool>() || !tensor.isfinite().all().item<bool>(), file, ": tensor '",
              name, "' holds numbers too large for ", asked, ". ", advice);
  return cast;
}

}  // namespace mkt::artifact
