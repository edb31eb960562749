#pragma once
// CLIP's layers. Parameters are allocated but not initialised: they are always loaded from a file, and random
// initialisation of 150 million parameters takes longer than reading them.

#include "mkt/torch.h"

#include "mkt/core/enum_names.h"

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

/// ε in layer normalisation: PyTorch's default, which CLIP uses.
constexpr double kLayerNormEpsilon = 1e-5;

/// Layer normalisation over the last dimension, with weight (W) and bias (W), both uninitialised. Source: Ba
/// et al., "Layer normalization", arXiv 1607.06450.
class LayerNormImpl : public torch::nn::Module {
 public:
  explicit LayerNormImpl(std::int64_t width, double epsilon = kLayerNormEpsilon);
  /// Normalises input (…, W) → (…, W).
  torch::Tensor forward(const torch::Tensor& input) const;

  torch::Tensor weight;
  torch::Tensor bias;
  double epsilon;
};
TORCH_MODULE(LayerNorm);

/// Layer scale: multiplies a residual branch by a factor per feature, gamma (W), uninitialised. Source:
/// Touvron et al., "Going deeper with image transformers", arXiv 2103.17239.
class LayerScaleImpl : public torch::nn::Module {
 public:
  explicit LayerScaleImpl(std::int64_t width);
  torch::Tensor forward(const torch::Tensor& branch) const;  // (…, W) → (…, W)

  torch::Tensor gamma;
};
TORCH_MODULE(LayerScale);

/// Activation function of a block's MLP.
enum class Activation {
  kQuickGelu,  ///< x·σ(1.702·x): OpenAI's weights
  kGelu        ///< exact GELU, x·Φ(x): most weights of open_clip
};

/// The factor in QuickGELU: x·σ(1.702·x) approximates GELU. Source: CLIP, model.py.
constexpr double kQuickGeluFactor = 1.702;

/// Computes QuickGELU, x·σ(1.702·x), elementwise. Saves only its input for the backward pass.
torch::Tensor quick_gelu(const torch::Tensor& input);

/// Applies the activation elementwise, differentiably.
torch::Tensor activate(const torch::Tensor& input, Activation activation);

}  // namespace mkt::nn

template <>
struct mkt::Names<mkt::nn::Activation> {
  static constexpr NameTable<nn::Activation, 2> kTable{
      {{nn::Activation::kQuickGelu, "quick-gelu"}, {nn::Activation::kGelu, "gelu"}}};
};
