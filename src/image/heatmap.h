#pragma once
// Heat map of the patches that contribute most to a label's score.

#include "mkt/torch.h"

#include <cstdint>

#include "mkt/image/resample.h"

namespace mkt::image {

/// Maps values in [0, 1] to colours: (…) → (…, 3) uint8, from dark violet through green to bright yellow.
/// Source: nine points of matplotlib's viridis, interpolated linearly.
torch::Tensor viridis(const torch::Tensor& values);

/// Interpolates the patch-label products (P) from a square grid of patches in row-major order to (size, size)
/// float32: bilinear between patch centres, scaled so that the lowest product becomes 0 and the highest 1;
/// all 0 if all products are equal. Throws ValueError if P is not a square number.
torch::Tensor patch_map(const torch::Tensor& products, std::int64_t size);

/// Blends the grey version of image (S, S, 3) uint8 with the colours of patch_map(products, S). The result is
/// (S, S, 3) uint8. Throws ValueError for another shape.
torch::Tensor blend_heatmap(const torch::Tensor& image, const torch::Tensor& products);

/// Returns the box around the patch with the highest product (the first patch if several are equal) in an
/// image with `size` × `size` pixels.
Box brightest_patch(const torch::Tensor& products, std::int64_t size);

/// Converts image (3, S, S) from the data loader to a contiguous (S, S, 3) tensor on the CPU.
torch::Tensor as_interleaved(const torch::Tensor& image);

}  // namespace mkt::image
