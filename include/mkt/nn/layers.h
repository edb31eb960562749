#pragma once
// The layers that CLIP is made of. Parameters are allocated, not initialised: they are meant to be loaded,
// and drawing random numbers for 150 million of them takes longer than reading them.

#include "mkt/torch.h"

namespace mkt::nn {

/// y = x·weightᵀ + bias. weight (out, in), bias (out), both uninitialised.
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(std::int64_t in, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& input) const;  // (…, in) → (…, out)

  torch::Tensor weight;
  torch::Tensor bias;
};
TORCH_MODULE(Linear);

/// Normalisation over the last dimension, ε = 1e-5. weight (W), bias (W), both uninitialised.
class LayerNormImpl : public torch::nn::Module {
 public:
  explicit LayerNormImpl(std::int64_t width);
  torch::Tensor forward(const torch::Tensor& input) const;  // (…, W) → (…, W)

  torch::Tensor weight;
  torch::Tensor bias;
};
TORCH_MODULE(LayerNorm);

/// ln's ε, PyTorch's default, which CLIP keeps.
constexpr double kLayerNormEpsilon = 1e-5;

/// QuickGELU's factor: x·σ(1.702·x) is close to GELU. Source: CLIP, model.py.
constexpr double kQuickGeluFactor = 1.702;

/// x·σ(1.702·x). Keeps nothing but its input for the backward pass.
torch::Tensor quick_gelu(const torch::Tensor& input);

}  // namespace mkt::nn
