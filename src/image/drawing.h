#pragma once
// Boxes and letters on pictures: contiguous (H, W, 3) uint8 tensors, changed in place. What lies outside is
// left out.

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// A picture of one colour. (height, width, 3)
torch::Tensor blank_picture(std::int64_t height, std::int64_t width, const Colour& colour);

void fill_box(torch::Tensor& image, const Box& box, const Colour& colour);

/// The box's edge, `thickness` pixels wide, inside it.
void draw_frame(torch::Tensor& image, const Box& box, std::int64_t thickness, const Colour& colour);

/// A character for each of UTF-8's code points, '?' for those beyond ASCII: what draw_text shows.
std::string drawable(const std::string& text);

/// Pixels that draw_text needs: letters of 5 by 7 dots, one between them, a dot `scale` pixels a side.
std::int64_t text_width(const std::string& text, std::int64_t scale);
std::int64_t text_height(std::int64_t scale);

/// As much of drawable(text) as fits into `width` pixels, ending in ".." where that is not all.
std::string fitted_text(const std::string& text, std::int64_t width, std::int64_t scale);

/// `text` with its upper left corner at (left, top).
void draw_text(torch::Tensor& image, std::int64_t left, std::int64_t top, const std::string& text,
               std::int64_t scale, const Colour& colour);

}  // namespace mkt::image
