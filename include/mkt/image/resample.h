#pragma once
// Pixels at other places: Pillow's two bicubic filters. Images are (H, W, 3) uint8.

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace mkt::image {

/// A part of an image, in pixels.
struct Box {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// A part of an axis, in pixels.
struct Stretch {
  double begin = 0;
  double size = 0;  ///< 0: the whole axis
};

/// A bicubic (a = -0.5) resize with antialias, as Pillow's Image.resize, and the part of its result that is
/// wanted.
struct Resize {
  std::int64_t from_height = 0;
  std::int64_t from_width = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  Box box;
  bool mirrored = false;  ///< that part with left and right exchanged
  Stretch rows = {};      ///< of the input, where its outermost pixels count in part
  Stretch columns = {};
};

/// The part of the input that the wanted part of the result shows. Throws ValueError where a side of the
/// result or the pixels of the part would exceed kMaxPixels, or where the box leaves the result.
Box input_of(const Resize& resize);

/// The wanted part, (box.height, box.width, 3), of the pixels inside input_of(resize), whose rows may lie
/// apart. Within ±1 of Pillow; the same bits as ATen's uint8 kernel. Memory for the result and for the input
/// rows of its width. Single-threaded. Throws ValueError as input_of() and for another size of `part`.
torch::Tensor resample(const torch::Tensor& part, const Resize& resize);

/// Output (x, y) shows the input at (m0·x + m1·y + m2, m3·x + m4·y + m5), coordinates of pixel centres being
/// half-integers; `fill` where that is outside. Bicubic (a = -1) without antialias, edges repeated, as
/// Pillow's Image.transform(AFFINE). Same size as the input.
torch::Tensor affine(const torch::Tensor& image, const std::array<double, 6>& matrix,
                     const std::array<std::uint8_t, 3>& fill);

}  // namespace mkt::image
