#pragma once
// Matrix products with the fastest available library. float32 on CPUs uses oneDNN through LibTorch's
// dispatcher; oneDNN fuses the addition or the activation into the product. All other cases use ATen. The
// choice depends only on dtypes and devices, so runs are reproducible. weight (M, K) and bias (M) have the
// input's dtype. Only differentiable_product() supports autograd.

#include "mkt/torch.h"

namespace mkt::nn {

/// Computes input·weightᵀ + bias: (N, K) → (N, M).
torch::Tensor product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);

/// Computes silu(factor·input·weightᵀ + bias): (N, K) → (N, M). Overwrites `input`.
torch::Tensor product_silu_(const torch::Tensor& input, const torch::Tensor& weight,
                            const torch::Tensor& bias, double factor);

/// Computes gelu(input·weightᵀ + bias), exact GELU: (N, K) → (N, M).
torch::Tensor product_gelu(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias);

/// Computes factor·input·weightᵀ + bias: (N, K) → (N, M). Overwrites `input`.
torch::Tensor scaled_product_(const torch::Tensor& input, const torch::Tensor& weight,
                              const torch::Tensor& bias, double factor);

/// Computes gradient·weight, the gradient with respect to the input of product(): (N, M) → (N, K).
torch::Tensor product_backward(const torch::Tensor& gradient, const torch::Tensor& weight);

/// Adds factor·input·weightᵀ + bias to rows (N, M) in place. `rows` may have a wider dtype.
void add_product_(torch::Tensor rows, const torch::Tensor& input, const torch::Tensor& weight,
                  const torch::Tensor& bias, double factor = 1);

/// Computes at::linear with autograd: input·weightᵀ + bias, (…, K) → (…, M). Calls at::linear under autocast.
torch::Tensor differentiable_product(const torch::Tensor& input, const torch::Tensor& weight,
                                     const torch::Tensor& bias);

}  // namespace mkt::nn
