#pragma once
// Checks and helpers for image processing. None of them starts a thread: the data loader's threads process
// the images.

#include <torch/types.h>

#include <cstdint>

#include "mkt/codecs/box.h"

namespace mkt::image {

/// Throws ValueError unless `image` is contiguous (H, W, 3) uint8 and not empty.
void check_image(const torch::Tensor& image);

/// Throws ValueError unless `image` is (H, W, 3) uint8, not empty, and contiguous within each row; the rows
/// need not be adjacent in memory.
void check_interleaved(const torch::Tensor& image);

/// Throws ValueError unless `box` lies inside an image of height × width pixels.
void check_box(const Box& box, std::int64_t height, std::int64_t width);

/// Returns a view of the pixels inside `box`. Throws ValueError if the box extends beyond the image.
torch::Tensor part_of(const torch::Tensor& image, const Box& box);

inline const std::uint8_t* pixels_of(const torch::Tensor& image) {
  return image.const_data_ptr<std::uint8_t>();
}

/// Clamps `value` to 0 … 255 and truncates it, as Pillow does in filters and blends.
inline std::uint8_t to_byte(float value) {
  const float bound = value > 0.0F ? value : 0.0F;
  return static_cast<std::uint8_t>(static_cast<int>(bound < 255.0F ? bound : 255.0F));
}

}  // namespace mkt::image
