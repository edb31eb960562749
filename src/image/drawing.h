#pragma once
// Draws boxes in place on images: contiguous (H, W, 3) uint8 tensors. Pixels outside the image are
// clipped.

#include <torch/types.h>

#include <cstdint>

#include "mkt/image/resample.h"

namespace mkt::image {

/// An RGB colour.
struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// Returns an image filled with `colour`: (height, width, 3) uint8.
torch::Tensor blank_image(std::int64_t height, std::int64_t width, const Colour& colour);

/// Fills `box` with `colour`.
void fill_box(torch::Tensor& image, const Box& box, const Colour& colour);

/// Draws the border of `box`, `thickness` pixels wide, inside the box.
void draw_frame(torch::Tensor& image, const Box& box, std::int64_t thickness, const Colour& colour);

}  // namespace mkt::image
