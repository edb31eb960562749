#pragma once
// CLIP's layers. Parameters are allocated but not initialised: they are always loaded from a file, and random
// initialisation of 150 million parameters takes longer than reading them.

#include "mkt/torch.h"

namespace mkt::nn {

/// Linear layer: y = x·weightᵀ + bias, with weight (out, in) and bias (out), both uninitialised.
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(std::int64_t in, std::int64_t out);
  /// Applies the layer: input (…, in) → (…, out).
  torch::Tensor forward(const torch::Tensor& input) const;

  torch::Tensor weight;
  torch::Tensor bias;
};
TORCH_MODULE(Linear);

/// Layer normalisation over the last dimension, ε = 1e-5, with weight (W) and bias (W), both uninitialised.
/// Source: Ba et al., "Layer normalization", arXiv 1607.06450.
class LayerNormImpl : public torch::nn::Module {
 public:
  explicit LayerNormImpl(std::int64_t width);
  /// Normalises input (…, W) → (…, W).
  torch::Tensor forward(const torch::Tensor& input) const;

  torch::Tensor weight;
  torch::Tensor bias;
};
TORCH_MODULE(LayerNorm);

/// ε in layer normalisation: PyTorch's default, which CLIP uses.
constexpr double kLayerNormEpsilon = 1e-5;

/// The factor in QuickGELU: x·σ(1.702·x) approximates GELU. Source: CLIP, model.py.
constexpr double kQuickGeluFactor = 1.702;

/// Computes QuickGELU, x·σ(1.702·x), elementwise. Saves only its input for the backward pass.
torch::Tensor quick_gelu(const torch::Tensor& input);

}  // namespace mkt::nn
