#pragma once
// Loops over interleaved pixels of three bytes: the two passes of a resize, and the way to planes.

#include <cstddef>
#include <cstdint>

#include "image/taps.h"

namespace mkt::image {

/// Rows of pixels in memory that ends behind the last of them.
struct Rows {
  const std::uint8_t* pixels = nullptr;
  std::size_t stride = 0;  ///< bytes from row to row
  std::size_t count = 0;
  std::size_t width = 0;  ///< pixels
};

enum class Kernel {
  kPlain,
  kAvx2,  ///< the same numbers; only where has_avx2()
};
bool has_avx2();
inline Kernel best_kernel() {
  return has_avx2() ? Kernel::kAvx2 : Kernel::kPlain;
}

/// Bytes that across() may write and down() may read for a row of so many pixels.
constexpr std::size_t padded_bytes(std::size_t pixels) {
  return (3 * pixels + 32) / 32 * 32;
}

/// Each row of `in`, whose first column is column `left` of the resized axis, into one of taps.first.size()
/// pixels; rows of `out` are padded_bytes() apart.
void across(const Rows& in, std::int64_t left, const Taps& taps, std::uint8_t* out, Kernel kernel);

/// Rows of `in`, padded_bytes() apart, whose first is row `top` of the resized axis, into taps.first.size()
/// rows without anything between them.
void down(const Rows& in, std::int64_t top, const Taps& taps, std::uint8_t* out, Kernel kernel);

/// Three planes, one after the other, of so many pixels.
void split(const std::uint8_t* pixels, std::size_t count, std::uint8_t* planes, Kernel kernel);

}  // namespace mkt::image
