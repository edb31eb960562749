#pragma once
// Pixels at other places: Pillow's two bicubic filters. Images are (H, W, 3) uint8.

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace mkt::data {

/// A part of an image, in pixels.
struct Box {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// The pixels inside `box`: (box.height, box.width, 3), contiguous. Throws ValueError where it leaves the
/// image.
torch::Tensor crop(const torch::Tensor& image, const Box& box);

/// Bicubic (a = -0.5) with antialias, as Pillow's Image.resize: (height, width, 3). Single-threaded. ATen's
/// uint8 kernel, within ±1 of Pillow. Throws ValueError where the result would exceed kMaxPixels.
torch::Tensor resize(const torch::Tensor& image, std::int64_t height, std::int64_t width);

/// crop(resize(image, height, width), box), pixel for pixel, without making the rest: memory for `box` and
/// for the input rows that it shows. Slower than resize() for pictures of an ordinary shape. Throws
/// ValueError where a side would exceed kMaxPixels, and as crop() and resize() do for the box.
torch::Tensor resize_part(const torch::Tensor& image, std::int64_t height, std::int64_t width,
                          const Box& box);

/// Output (x, y) shows the input at (m0·x + m1·y + m2, m3·x + m4·y + m5), coordinates of pixel centres being
/// half-integers; `fill` where that is outside. Bicubic (a = -1) without antialias, edges repeated, as
/// Pillow's Image.transform(AFFINE). Same size as the input.
torch::Tensor affine(const torch::Tensor& image, const std::array<double, 6>& matrix,
                     const std::array<std::uint8_t, 3>& fill);

}  // namespace mkt::data
