#pragma once
// Matrix products by the fastest library at hand: float32 on CPUs by oneDNN, reached through LibTorch's
// dispatcher, which also adds or activates while results are in registers; everything else by ATen. The
// choice depends on types and devices alone, so that runs repeat themselves. weight (M, K) and bias (M) are
// in the input's type. No gradients but those of differentiable_product.

#include "mkt/torch.h"

namespace mkt::nn {

/// input·weightᵀ + bias: (N, K) → (N, M).
torch::Tensor product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);

/// silu(factor·input·weightᵀ + bias): (N, K) → (N, M). Overwrites input.
torch::Tensor product_silu_(torch::Tensor input, const torch::Tensor& weight, const torch::Tensor& bias,
                            double factor);

/// factor·input·weightᵀ + bias: (N, K) → (N, M). Overwrites input.
torch::Tensor scaled_product_(torch::Tensor input, const torch::Tensor& weight, const torch::Tensor& bias,
                              double factor);

/// gradient·weight, what goes back through a product: (N, M) → (N, K).
torch::Tensor product_backward(const torch::Tensor& gradient, const torch::Tensor& weight);

/// rows += factor·input·weightᵀ + bias. rows (N, M) may be of a wider type.
void add_product_(torch::Tensor rows, const torch::Tensor& input, const torch::Tensor& weight,
                  const torch::Tensor& bias, double factor = 1);

/// at::linear, forward and backward: input·weightᵀ + bias, (…, K) → (…, M). Under autocast it is at::linear.
torch::Tensor differentiable_product(const torch::Tensor& input, const torch::Tensor& weight,
                                     const torch::Tensor& bias);

}  // namespace mkt::nn
