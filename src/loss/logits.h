#pragma once
// Common parts of the losses: checks of their arguments, and gradients that are computed with the loss.

#include "mkt/torch.h"

#include <functional>

namespace mkt::loss {

/// A loss and its gradient.
struct LossAndGradient {
  torch::Tensor loss;      ///< scalar
  torch::Tensor gradient;  ///< (B, C): gradient with respect to the logits
};

/// Throws ValueError beginning with `name` unless logits and labels are (B, C) with B > 0 and the logits
/// floating.
void check_logits(const char* name, const torch::Tensor& logits, const torch::Tensor& labels);

/// Converts half-precision logits to float32.
torch::Tensor summable(const torch::Tensor& logits);

/// Returns 0, or NaN if a logit is not finite; detached.
torch::Tensor zero_or_nan(const torch::Tensor& logits);

/// Calls `compute` with summable(logits) without an autograd graph; returns its loss as an operation of
/// autograd, whose backward pass multiplies the stored gradient.
torch::Tensor with_gradient(const torch::Tensor& logits,
                            const std::function<LossAndGradient(const torch::Tensor& logits)>& compute);

}  // namespace mkt::loss
