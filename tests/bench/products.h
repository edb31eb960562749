#pragma once
// The matrix products of a model without the rest: a lower bound of its time.

#include "mkt/torch.h"

#include <functional>

#include "mkt/clip/vision_encoder.h"

namespace mkt::bench {

/// input · weightᵀ + bias.
using Multiply = torch::Tensor(const torch::Tensor& input, const torch::Tensor& weight,
                               const torch::Tensor& bias);

/// The product with at::addmm (MKL).
torch::Tensor blas_product(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias);

/// The product with nn::product (oneDNN).
torch::Tensor own_product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);

/// The four products of a transformer block on `rows` tokens of `width`, `blocks` times. The first call
/// allocates the matrices, so that the function alone takes no memory.
std::function<void()> block_products(std::int64_t rows, std::int64_t width, std::int64_t blocks,
                                     Multiply& multiply = own_product);

/// The products of `blocks` blocks of a vision encoder on `images` images.
std::function<void()> image_products(const clip::VisionOptions& options, std::int64_t images,
                                     std::int64_t blocks, Multiply& multiply = own_product);

}  // namespace mkt::bench
