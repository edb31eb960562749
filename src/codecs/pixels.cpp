#include "codecs/pixels.h"

namespace mkt::image {

void check_image(const torch::Tensor& image) {
  TORCH_CHECK_VALUE(image.dim() == 3 && image.size(2) == 3 && image.scalar_type() == torch::kUInt8 &&
                        image.is_contiguous() && image.numel() > 0,
                    "image: expected contiguous uint8 of shape (H, W, 3), got ", image.scalar_type(), " ",
                    image.sizes(), ". Convert it.");
}

void check_interleaved(const torch::Tensor& image) {
  TORCH_CHECK_VALUE(image.dim() == 3 && image.size(2) == 3 && image.scalar_type() == torch::kUInt8 &&
                        image.numel() > 0 && image.stride(2) == 1 &&
                        (image.size(1) == 1 || image.stride(1) == 3) &&
                        (image.size(0) == 1 || image.stride(0) >= 3 * image.size(1)),
                    "image: expected interleaved uint8 of shape (H, W, 3), got ", image.scalar_type(), " ",
                    image.sizes(), ".");
}

void check_box(const Box& box, std::int64_t height, std::int64_t width) {
  TORCH_CHECK_VALUE(box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 &&
                        box.left + box.width <= width && box.top + box.height <= height,
                    "box: expected a part of ", width, " x ", height, ", got ", box.width, " x ", box.height,
                    " at (", box.left, ", ", box.top, ").");
}

torch::Tensor part_of(const torch::Tensor& image, const Box& box) {
  check_box(box, image.size(0), image.size(1));
  return image.narrow(0, box.top, box.height).narrow(1, box.left, box.width);
}

}  // namespace mkt::image
