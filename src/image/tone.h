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
/// Keeps the `bits` highest bits per value and clears the others.
torch::Tensor posterize(const torch::Tensor& image, int bits);
/// Inverts values greater than or equal to `threshold`.
torch::Tensor solarize(const torch::Tensor& image, int threshold);
/// Adds `added` to values below 128.
torch::Tensor solarize_add(const torch::Tensor& image, int added);

// The next four functions blend the image (factor 1) with a second image (factor 0). Factors above 1
// extrapolate. The second image is, in this order: the image in grey, its mean grey value, black, the
// smoothed image.
torch::Tensor color(const torch::Tensor& image, double factor);
torch::Tensor contrast(const torch::Tensor& image, double factor);
torch::Tensor brightness(const torch::Tensor& image, double factor);
torch::Tensor sharpness(const torch::Tensor& image, double factor);

}  // namespace mkt::image
