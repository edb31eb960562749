#pragma once
// RandAugment's operations on pixel values. Images are (H, W, 3) uint8.

#include <torch/types.h>

namespace mkt::image {

/// Stretches each channel so that its lowest value becomes 0 and its highest 255.
torch::Tensor auto_contrast(const torch::Tensor& image);
/// Equalizes the histogram of each channel.
torch::Tensor equalize(const torch::Tensor& image);
/// Inverts all values.
torch::Tensor invert(const torch::Tensor& image);
/// Keeps the `bits` highest bits of each value.
torch::Tensor posterize(const torch::Tensor& image, int bits);
/// Inverts values of `threshold` or more.
torch::Tensor solarize(const torch::Tensor& image, int threshold);
/// Adds `added` to values below 128.
torch::Tensor solarize_add(const torch::Tensor& image, int added);

// Each of these blends the image (factor 1) with another one (factor 0), or extrapolates (factor > 1). The
// other image is: the grey version, the mean grey, black, the smoothed version.
torch::Tensor color(const torch::Tensor& image, double factor);
torch::Tensor contrast(const torch::Tensor& image, double factor);
torch::Tensor brightness(const torch::Tensor& image, double factor);
torch::Tensor sharpness(const torch::Tensor& image, double factor);

}  // namespace mkt::image
