#pragma once
// Resizing and affine warps with Pillow's bicubic filters. Images are (H, W, 3) uint8.

#include <torch/types.h>

#include <array>
#include <cstdint>

#include "mkt/codecs/box.h"

namespace mkt::image {

/// An interval on an axis, in pixels.
struct Stretch {
  double begin = 0;
  double size = 0;  ///< length; 0: the whole axis
};

/// A bicubic resize (a = -0.5) with antialiasing, as in Pillow's Image.resize, and the output box to compute.
struct Resize {
  std::int64_t from_height = 0;
  std::int64_t from_width = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  Box box;                ///< the output pixels to compute
  bool mirrored = false;  ///< whether the computed output (box) is flipped horizontally
  Stretch rows =
      {};  ///< the input range covered by the result, per axis; fractional limits cover border pixels partly
  Stretch columns = {};
};

/// Returns the input box needed to compute the output pixels in `resize.box`. Throws ValueError if a side of
/// the output or the number of pixels in the box exceeds kMaxPixels, or if the box is not inside the output.
Box input_of(const Resize& resize);

/// Computes the output pixels in `resize.box`, (box.height, box.width, 3), from `part`: the input pixels
/// inside input_of(resize); its rows may be strided. Within ±1 of Pillow, bit-identical to ATen's uint8
/// kernel. Single-threaded; needs memory for the result and for the input rows resized to the result's width.
/// Throws ValueError as input_of() does, and if `part` has another size.
torch::Tensor resample(const torch::Tensor& part, const Resize& resize);

/// Resizes a whole image: (height, width, 3). Throws ValueError as input_of() does.
torch::Tensor resize(const torch::Tensor& image, std::int64_t height, std::int64_t width);

/// Warps an image affinely, keeping its size: output pixel (x, y) samples the input at (m0·x + m1·y + m2,
/// m3·x + m4·y + m5), or is `fill` if that point is outside the image. Pixel centres have half-integer
/// coordinates. Bicubic (a = -1) without antialiasing, edges repeated. Source: Pillow's
/// Image.transform(AFFINE).
torch::Tensor affine(const torch::Tensor& image, const std::array<double, 6>& matrix,
                     const std::array<std::uint8_t, 3>& fill);

}  // namespace mkt::image
