#pragma once
// The weights of Pillow's and ATen's bicubic filter with antialias, as whole numbers, along one axis.

#include <cstdint>
#include <vector>

namespace mkt::image {

/// `count` outputs from `begin` on, of an axis of `from` pixels resized to `to`.
struct Axis {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t begin = 0;
  std::int64_t count = 0;
  bool mirrored = false;   ///< the outputs in reverse order
  double shown_begin = 0;  ///< where the outputs begin to show the input
  double shown_size = 0;   ///< and how much of it they show; 0: all
};

/// Inputs begin … end.
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// The inputs that the outputs are made of.
Span inputs_of(const Axis& axis);

struct Taps {
  explicit Taps(const Axis& axis);

  /// Of output i.
  const std::int16_t* weights_of(std::size_t i) const { return &weights[i * stride]; }

  std::vector<std::int64_t> first;    ///< the first input of each output
  std::vector<std::int64_t> counts;   ///< and how many it has
  std::vector<std::int16_t> weights;  ///< times 2^precision, `stride` an output, those beyond the count 0
  std::size_t stride = 0;             ///< a multiple of four
  int precision = 0;
};

}  // namespace mkt::image
