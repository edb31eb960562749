#pragma once
// Loops over interleaved RGB bytes: the horizontal and vertical passes of a resize, and the split into
// planes.

#include <cstddef>
#include <cstdint>

#include "image/taps.h"

namespace mkt::image {

/// A view of rows of RGB pixels. Memory after the last pixel must not be read.
struct Rows {
  const std::uint8_t* pixels = nullptr;
  std::size_t stride = 0;  ///< bytes from one row to the next
  std::size_t count = 0;
  std::size_t width = 0;  ///< in pixels
};

/// Implementations of the loops. Their results are identical.
enum class Kernel {
  kPlain,
  kAvx2,  ///< requires has_avx2()
};
bool has_avx2();
inline Kernel best_kernel() {
  return has_avx2() ? Kernel::kAvx2 : Kernel::kPlain;
}

/// Buffer size in bytes for a row with `pixels` pixels: across() may write, and down() may read, up to the
/// end of this buffer.
constexpr std::size_t padded_bytes(std::size_t pixels) {
  return (3 * pixels + 32) / 32 * 32;
}

/// Runs the horizontal pass: resizes each row of `in` to taps.first.size() pixels. The first column of `in`
/// is column `left` of the full input. Rows of `out` are padded_bytes() apart.
void across(const Rows& in, std::int64_t left, const Taps& taps, std::uint8_t* out, Kernel kernel);

/// Runs the vertical pass: resizes the columns of `in`, whose rows are padded_bytes() apart, to
/// taps.first.size() adjacent rows. The first row of `in` is row `top` of the full input.
void down(const Rows& in, std::int64_t top, const Taps& taps, std::uint8_t* out, Kernel kernel);

/// Splits `count` interleaved pixels into three consecutive planes.
void split(const std::uint8_t* pixels, std::size_t count, std::uint8_t* planes, Kernel kernel);

}  // namespace mkt::image
