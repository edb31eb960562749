#pragma once
// Pixel loop of affine().

#include <array>
#include <cstdint>

#include "image/passes.h"

namespace mkt::image {

/// A view of interleaved RGB bytes with adjacent rows.
struct Pixels {
  const std::uint8_t* bytes = nullptr;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Transforms `source` as affine() does and writes the result to `out`, which has the same size.
void warp(const Pixels& source, const std::array<double, 6>& matrix, const std::array<std::uint8_t, 3>& fill,
          std::uint8_t* out, Kernel kernel);

}  // namespace mkt::image
