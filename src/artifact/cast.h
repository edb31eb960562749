#pragma once
// Conversion of weights to another type.

#include "mkt/torch.h"

#include <string>

namespace mkt::artifact {

/// `tensor` converted to `dtype`, whose name for users is `asked`. Throws c10::Error naming `file` and the
/// tensor if finite numbers become infinite; `advice` ends the message.
inline torch::Tensor cast_whole(const torch::Tensor& tensor, torch::Dtype dtype, const std::string& asked,
                                const std::string& file, const std::string& name, const char* advice) {
  torch::Tensor cast = tensor.to(dtype);
  TORCH_CHECK(cast.isfinite().all().item<bool>() || !tensor.isfinite().all().item<bool>(), file, ": tensor '",
              name, "' holds numbers too large for ", asked, ". ", advice);
  return cast;
}

}  // namespace mkt::artifact
