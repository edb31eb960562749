#pragma once
// The loop that implements affine().

#include <array>
#include <cstdint>

#include "image/passes.h"

namespace mkt::image {

/// Interleaved RGB bytes in adjacent rows.
struct Pixels {
  const std::uint8_t* bytes = nullptr;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Writes affine() of `source` to `out`, which has the same size.
void warp(const Pixels& source, const std::array<double, 6>& matrix, const std::array<std::uint8_t, 3>& fill,
          std::uint8_t* out, Kernel kernel);

}  // namespace mkt::image
