#pragma once
// CLIP's transformer: pre-norm residual blocks that can be run in stages.

#include <torch/nn/modules/container/modulelist.h>

#include "mkt/nn/attention.h"
#include "mkt/nn/layers.h"

namespace mkt::nn {

/// A block's MLP: c_fc (W → hidden), activation, c_proj (hidden → W).
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(std::int64_t width, std::int64_t hidden, Activation activation);
  /// Applies the MLP: input (…, W) → (…, W).
  torch::Tensor forward(const torch::Tensor& input) const;
  Activation activation() const { return activation_; }

  Linear c_fc{nullptr};
  Linear c_proj{nullptr};

 private:
  Activation activation_;
};
TORCH_MODULE(Mlp);

struct TransformerOptions {
  std::int64_t width = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  bool causal = false;      ///< whether a token attends only to itself and earlier tokens (text encoder)
  std::int64_t hidden = 0;  ///< width of the MLPs' hidden layer; 0: 4W
  Activation activation = Activation::kQuickGelu;
  bool layer_scale = false;  ///< whether ls_1 and ls_2 scale the branches
  double epsilon = kLayerNormEpsilon;
};

/// A pre-norm residual block: x += ls_1(attn(ln_1(x))); x += ls_2(mlp(ln_2(x))), where ls_1 and ls_2 are the
/// identity unless the options have layer_scale.
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(const TransformerOptions& options);
  /// Applies the block: tokens (B, T, W) → (B, T, W).
  torch::Tensor forward(const torch::Tensor& tokens) const;
  /// Computes ls_1(attn.forward_self(ln_1(x))), the branch of a token that attends to itself, without the
  /// residual and the MLP: tokens (B, T, W) → (B, T, W).
  torch::Tensor forward_self(const torch::Tensor& tokens) const;

  Attention attn{nullptr};
  LayerNorm ln_1{nullptr};
  Mlp mlp{nullptr};
  LayerNorm ln_2{nullptr};
  LayerScale ls_1{nullptr};  ///< null without layer scale
  LayerScale ls_2{nullptr};

 private:
  bool causal_;
};
TORCH_MODULE(ResidualBlock);

/// A stack of residual blocks. Parameters:
/// resblocks.N.{attn,ln_1,mlp,ln_2,ls_1,ls_2}.*. Source: CLIP, model.py.
class TransformerImpl : public torch::nn::Module {
 public:
  explicit TransformerImpl(const TransformerOptions& options);

  /// Runs blocks [first_block, last_block): tokens (B, T, W) → (B, T, W). Throws ValueError unless 0 ≤
  /// first_block ≤ last_block ≤ layers.
  torch::Tensor run(torch::Tensor tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// Runs all blocks: tokens (B, T, W) → (B, T, W).
  torch::Tensor forward(const torch::Tensor& tokens) const { return run(tokens, 0, options.layers); }
  /// Returns block `index`, which must be less than the number of layers.
  ResidualBlock block(std::int64_t index) const;

  TransformerOptions options;
  torch::nn::ModuleList resblocks;
};
TORCH_MODULE(Transformer);

}  // namespace mkt::nn
