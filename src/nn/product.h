#pragma once
// Matrix products by the fastest available library: float32 on CPUs by oneDNN, which is called through
// LibTorch's dispatcher and adds or applies the activation while results are in registers; everything else by
// ATen. The choice depends only on dtypes and devices, so that runs are repeatable. weight (M, K) and bias
// (M) have the dtype of the input. Only differentiable_product has gradients.

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

/// gradient·weight, the gradient with respect to a product's input: (N, M) → (N, K).
torch::Tensor product_backward(const torch::Tensor& gradient, const torch::Tensor& weight);

/// rows += factor·input·weightᵀ + bias. rows (N, M) may have a wider dtype.
void add_product_(torch::Tensor rows, const torch::Tensor& input, const torch::Tensor& weight,
                  const torch::Tensor& bias, double factor = 1);

/// at::linear with its gradients: input·weightᵀ + bias, (…, K) → (…, M). Under autocast it calls at::linear.
torch::Tensor differentiable_product(const torch::Tensor& input, const torch::Tensor& weight,
                                     const torch::Tensor& bias);

}  // namespace mkt::nn
