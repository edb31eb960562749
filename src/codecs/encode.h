#pragma once
// Encodes images as PNG.

#include <torch/types.h>

#include <string>

namespace mkt::image {

/// Encodes `image`, contiguous (H, W, 3) uint8 RGB, and returns the bytes of the PNG file. Lossless;
/// compression favours speed over file size. Thread-safe. Throws ValueError for another shape or dtype.
std::string encode_png(const torch::Tensor& image);

}  // namespace mkt::image
