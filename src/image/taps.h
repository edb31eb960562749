#pragma once
// Integer weights of the antialiased bicubic filter of Pillow and ATen along one axis.

#include <cstdint>
#include <vector>

namespace mkt::image {

/// `count` outputs from output `begin` of an axis that is resized from `from` to `to` pixels.
struct Axis {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t begin = 0;
  std::int64_t count = 0;
  bool mirrored = false;   ///< Whether the outputs are in reverse order.
  double shown_begin = 0;  ///< the position in the input where the outputs begin
  double shown_size = 0;   ///< the length of the input that the outputs show; 0 stands for all of it
};

/// The inputs [begin, end).
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// The inputs that the outputs depend on.
Span inputs_of(const Axis& axis);

/// The weights of all outputs of an axis.
struct Taps {
  explicit Taps(const Axis& axis);

  /// The weights of output i.
  const std::int16_t* weights_of(std::size_t i) const { return &weights[i * stride]; }

  std::vector<std::int64_t> first;   ///< first input of each output
  std::vector<std::int64_t> counts;  ///< number of inputs of each output
  std::vector<std::int16_t>
      weights;             ///< times 2^precision; `stride` per output, of which those after the count are 0
  std::size_t stride = 0;  ///< a multiple of 4
  int precision = 0;       ///< number of fractional bits
};

}  // namespace mkt::image
