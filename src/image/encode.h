#pragma once
// Pixels to image files.

#include <torch/types.h>

#include <string>

namespace mkt::image {

/// A PNG file of an image (H, W, 3) uint8 RGB: decode_bytes gives the same pixels. Packed for speed, not for
/// size. Thread-safe. Throws ValueError for a tensor of another shape or type.
std::string encode_png(const torch::Tensor& image);

}  // namespace mkt::image
