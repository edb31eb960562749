#pragma once
// Integer weights of the antialiased bicubic filter along one axis, as in Pillow and ATen.

#include <cstdint>
#include <vector>

namespace mkt::image {

/// Output pixels [begin, begin + count) of an axis that is resized from `from` to `to` pixels.
struct Axis {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t begin = 0;
  std::int64_t count = 0;
  bool mirrored = false;   ///< Whether the outputs are in reverse order.
  double shown_begin = 0;  ///< start of the resized range in input pixels
  double shown_size = 0;   ///< length of the resized range in input pixels; 0: the full input
};

/// Input pixels [begin, end).
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Returns the input pixels on which the output pixels depend.
Span inputs_of(const Axis& axis);

/// Filter taps for one axis: the input weights for every output pixel.
struct Taps {
  explicit Taps(const Axis& axis);

  /// Returns the input weights for output pixel i.
  const std::int16_t* weights_of(std::size_t i) const { return &weights[i * stride]; }

  std::vector<std::int64_t> first;   ///< first input pixel per output pixel
  std::vector<std::int64_t> counts;  ///< number of input pixels per output pixel
  std::vector<std::int16_t>
      weights;             ///< scaled by 2^precision; `stride` weights per output pixel, zero-padded
  std::size_t stride = 0;  ///< number of weights per output pixel, a multiple of 4
  int precision = 0;       ///< number of fractional bits per weight
};

}  // namespace mkt::image
