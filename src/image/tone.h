#pragma once
// RandAugment's operations on values, none of which moves a pixel. Images are (H, W, 3) uint8.

#include <torch/types.h>

namespace mkt::image {

/// Each channel stretched so that its least value becomes 0 and its greatest 255.
torch::Tensor auto_contrast(const torch::Tensor& image);
/// Each channel's histogram made level.
torch::Tensor equalize(const torch::Tensor& image);
torch::Tensor invert(const torch::Tensor& image);
/// Only the `bits` highest bits of a value kept.
torch::Tensor posterize(const torch::Tensor& image, int bits);
/// Values from `threshold` on inverted.
torch::Tensor solarize(const torch::Tensor& image, int threshold);
/// `added` to values below 128.
torch::Tensor solarize_add(const torch::Tensor& image, int added);

// Between (factor 0) and beyond (factor > 1) another picture and the image (factor 1): its grey version, its
// mean grey, black, its smoothed version.
torch::Tensor color(const torch::Tensor& image, double factor);
torch::Tensor contrast(const torch::Tensor& image, double factor);
torch::Tensor brightness(const torch::Tensor& image, double factor);
torch::Tensor sharpness(const torch::Tensor& image, double factor);

}  // namespace mkt::image
