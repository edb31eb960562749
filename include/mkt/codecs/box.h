#pragma once
// An image region.

#include <cstdint>

namespace mkt::image {

/// A rectangle in an image, in pixels.
struct Box {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

}  // namespace mkt::image
