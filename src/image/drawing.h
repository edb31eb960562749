#pragma once
// Draws boxes and text in place on images: contiguous (H, W, 3) uint8 tensors. Pixels outside the image are
// clipped.

#include <torch/types.h>

#include <cstdint>
#include <string>

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

/// Converts UTF-8 text to the characters that draw_text() draws: one per code point, '?' for code points that
/// are not printable ASCII.
std::string drawable(const std::string& text);

/// Width and height in pixels of text drawn by draw_text(): characters have 5 × 7 dots and are one dot apart;
/// each dot has `scale` × `scale` pixels.
std::int64_t text_width(const std::string& text, std::int64_t scale);
std::int64_t text_height(std::int64_t scale);

/// Returns drawable(text), truncated to fit into `width` pixels. Truncated text ends in "..".
std::string fitted_text(const std::string& text, std::int64_t width, std::int64_t scale);

/// Draws `text` with its upper left corner at (left, top).
void draw_text(torch::Tensor& image, std::int64_t left, std::int64_t top, const std::string& text,
               std::int64_t scale, const Colour& colour);

}  // namespace mkt::image
