#include "weights/digest.h"

#include <string_view>

#include "io/sha256.h"

namespace mkt::weights {

std::string digest(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  if (values.numel() == 0) return io::sha256(std::string_view());
  return io::sha256(std::string_view(static_cast<const char*>(values.const_data_ptr()), values.nbytes()));
}

}  // namespace mkt::weights
