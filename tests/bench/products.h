#pragma once
// Runs only the matrix products of a model: a lower bound of its run time.

#include "mkt/torch.h"

#include <functional>

#include "mkt/clip/vision_encoder.h"

namespace mkt::bench {

/// Computes input · weightᵀ + bias.
using Multiply = torch::Tensor(const torch::Tensor& input, const torch::Tensor& weight,
                               const torch::Tensor& bias);

/// Computes the product with at::addmm (MKL).
torch::Tensor blas_product(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias);

/// Computes the product with nn::product (oneDNN).
torch::Tensor own_product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);

/// Returns a function that runs the four products of a transformer block on `rows` tokens with `width`
/// features, `blocks` times. The first call allocates the matrices, so that creating the function allocates
/// no memory.
std::function<void()> block_products(std::int64_t rows, std::int64_t width, std::int64_t blocks,
                                     Multiply& multiply = own_product);

/// Returns a function that runs the products for `blocks` blocks of a vision encoder on `images` images.
std::function<void()> image_products(const clip::VisionOptions& options, std::int64_t images,
                                     std::int64_t blocks, Multiply& multiply = own_product);

}  // namespace mkt::bench
