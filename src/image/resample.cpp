#include "mkt/image/resample.h"

#include "codecs/pixels.h"
#include "image/warp.h"

namespace mkt::image {

torch::Tensor affine(const torch::Tensor& image, const std::array<double, 6>& matrix,
                     const std::array<std::uint8_t, 3>& fill) {
  check_image(image);
  torch::Tensor result = torch::empty(image.sizes(), torch::kUInt8);  // (H, W, 3)
  warp({pixels_of(image), image.size(0), image.size(1)}, matrix, fill, result.data_ptr<std::uint8_t>(),
       best_kernel());
  return result;
}

}  // namespace mkt::image
