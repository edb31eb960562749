#pragma once
// Matrix products alone: what a model's time is held against.

#include "mkt/torch.h"

#include <functional>

#include "mkt/clip/vision_encoder.h"

namespace mkt::bench {

using Multiply = torch::Tensor(const torch::Tensor& input, const torch::Tensor& weight,
                               const torch::Tensor& bias);

/// MKL's.
torch::Tensor blas_product(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias);

/// oneDNN's where nn::product is.
torch::Tensor own_product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);

/// The four products of a transformer's block on `rows` tokens, run `blocks` times. The first call makes what
/// is multiplied: a process that only holds the function holds nothing more.
std::function<void()> block_products(std::int64_t rows, std::int64_t width, std::int64_t blocks,
                                     Multiply& multiply = own_product);

/// Those of `blocks` blocks of a vision encoder on `images`.
std::function<void()> image_products(const clip::VisionOptions& options, std::int64_t images,
                                     std::int64_t blocks, Multiply& multiply = own_product);

}  // namespace mkt::bench
