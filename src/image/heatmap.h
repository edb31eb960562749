#pragma once
// Which patches spoke for a label: patch·label over the picture.

#include "mkt/torch.h"

#include <cstdint>

#include "mkt/image/resample.h"

namespace mkt::image {

/// values in [0, 1], of any shape (…) → (…, 3) uint8: dark violet, green, yellow, as bright as they are high.
/// Source: matplotlib's viridis at nine places, straight lines between.
torch::Tensor viridis(const torch::Tensor& values);

/// products (P) of a square grid's patches, row by row → (size, size) float32, bilinear between the patches'
/// middles: 0 where they are least, 1 where most; 0 throughout where all are the same. Throws ValueError
/// where P is no square.
torch::Tensor patch_map(const torch::Tensor& products, std::int64_t size);

/// A square picture (S, S, 3) uint8 in grey under the colours of its patches' products (P). (S, S, 3) uint8
torch::Tensor blend_heatmap(const torch::Tensor& image, const torch::Tensor& products);

/// Pixels of the patch with the greatest product (the first of equals) in a square picture of `size` pixels a
/// side.
Box brightest_patch(const torch::Tensor& products, std::int64_t size);

/// (3, S, S) as the loader gives it → (S, S, 3), contiguous, on the CPU.
torch::Tensor as_picture(const torch::Tensor& image);

}  // namespace mkt::image
