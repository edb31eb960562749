#pragma once
// What the image sources share. None of it starts a thread: images are made in threads of the loader's own.

#include <torch/types.h>

#include <cstdint>

#include "mkt/image/resample.h"

namespace mkt::image {

/// Throws ValueError unless `image` is contiguous (H, W, 3) uint8 and not empty.
void check_image(const torch::Tensor& image);

/// The same, but rows may lie apart.
void check_interleaved(const torch::Tensor& image);

/// Throws ValueError unless `box` is a part of an image of that size.
void check_box(const Box& box, std::int64_t height, std::int64_t width);

/// The pixels inside `box`, sharing memory with `image`. Throws ValueError where it leaves the image.
torch::Tensor part_of(const torch::Tensor& image, const Box& box);

inline const std::uint8_t* pixels_of(const torch::Tensor& image) {
  return image.const_data_ptr<std::uint8_t>();
}

/// `value` cut off to 0 … 255 and towards zero, as Pillow does in filters and blends.
inline std::uint8_t to_byte(float value) {
  const float bound = value > 0.0F ? value : 0.0F;
  return static_cast<std::uint8_t>(static_cast<int>(bound < 255.0F ? bound : 255.0F));
}

}  // namespace mkt::image
