#pragma once
// Resizing and affine warps with the bicubic filters of Pillow. Images are (H, W, 3) uint8.

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace mkt::image {

/// A rectangle in an image, in pixels.
struct Box {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// A part of an axis, in pixels.
struct Stretch {
  double begin = 0;
  double size = 0;  ///< 0 stands for the whole axis.
};

/// A bicubic resize (a = -0.5) with antialiasing, as Pillow's Image.resize, and the part of its result that
/// is wanted.
struct Resize {
  std::int64_t from_height = 0;
  std::int64_t from_width = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  Box box;                ///< the wanted part of the result
  bool mirrored = false;  ///< That part has left and right exchanged.
  Stretch rows =
      {};  ///< the part of the input that the result shows, if its outermost pixels count in part only
  Stretch columns = {};
};

/// The part of the input that the wanted part of the result depends on. Throws ValueError if a side of the
/// result or the number of wanted pixels exceeds kMaxPixels, or if the box leaves the result.
Box input_of(const Resize& resize);

/// The wanted part of the result, (box.height, box.width, 3), from `part`: the pixels inside
/// input_of(resize), whose rows need not be adjacent in memory. Within ±1 of Pillow, bit-identical to ATen's
/// uint8 kernel. Single-threaded; needs memory for the result and for the input rows at the result's width.
/// Throws ValueError as input_of() does, and if `part` has another size.
torch::Tensor resample(const torch::Tensor& part, const Resize& resize);

/// `image` resized: (height, width, 3). Throws ValueError as input_of() does.
torch::Tensor resize(const torch::Tensor& image, std::int64_t height, std::int64_t width);

/// An affine warp of the same size as the input: output (x, y) shows the input at (m0·x + m1·y + m2, m3·x +
/// m4·y + m5), or `fill` if that is outside. Pixel centres have half-integer coordinates. Bicubic (a = -1)
/// without antialiasing, edges repeated. Source: Pillow's Image.transform(AFFINE).
torch::Tensor affine(const torch::Tensor& image, const std::array<double, 6>& matrix,
                     const std::array<std::uint8_t, 3>& fill);

}  // namespace mkt::image
