#pragma once
// Heat map of the patches that contribute most to a label's score.

#include "mkt/torch.h"

#include <cstdint>

#include "mkt/image/resample.h"

namespace mkt::image {

/// Colours of values in [0, 1]: (…) → (…, 3) uint8, from dark violet through green to bright yellow. Source:
/// matplotlib's viridis at nine points, linear between them.
torch::Tensor viridis(const torch::Tensor& values);

/// products (P), the scores patch·label of a square grid of patches, row by row → (size, size) float32:
/// bilinear between the centres of the patches, scaled so that the lowest product is 0 and the highest 1; all
/// 0 if all products are equal. Throws ValueError if P is not a square number.
torch::Tensor patch_map(const torch::Tensor& products, std::int64_t size);

/// image (S, S, 3) uint8 in grey, overlaid with the colours of patch_map(products, S): (S, S, 3) uint8.
/// Throws ValueError for another shape.
torch::Tensor blend_heatmap(const torch::Tensor& image, const torch::Tensor& products);

/// The pixels of the patch with the highest product (of equal ones the first) in an image of `size` × `size`
/// pixels.
Box brightest_patch(const torch::Tensor& products, std::int64_t size);

/// image (3, S, S) from the data loader → (S, S, 3), contiguous, on the CPU.
torch::Tensor as_picture(const torch::Tensor& image);

}  // namespace mkt::image
