#pragma once
// Encoding of images.

#include <torch/types.h>

#include <string>

namespace mkt::image {

/// The bytes of a PNG file of `image`, (H, W, 3) uint8 RGB, contiguous. Lossless; compressed for speed, not
/// for size. Thread-safe. Throws ValueError for another shape or dtype.
std::string encode_png(const torch::Tensor& image);

}  // namespace mkt::image
