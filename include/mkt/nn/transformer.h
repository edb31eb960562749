#pragma once
// CLIP's transformer: pre-norm residual blocks, run in stages.

#include <torch/nn/modules/container/modulelist.h>

#include "mkt/nn/attention.h"
#include "mkt/nn/layers.h"

namespace mkt::nn {

/// c_fc (W → 4W), QuickGELU, c_proj (4W → W).
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(std::int64_t width, std::int64_t hidden);
  torch::Tensor forward(const torch::Tensor& input) const;

  Linear c_fc{nullptr};
  Linear c_proj{nullptr};
};
TORCH_MODULE(Mlp);

struct TransformerOptions {
  std::int64_t width = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  bool causal = false;  ///< text: a token sees itself and those before it
};

/// x += attn(ln_1(x)); x += mlp(ln_2(x)).
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(const TransformerOptions& options);
  torch::Tensor forward(const torch::Tensor& tokens) const;  // (B, T, W) → (B, T, W)

  Attention attn{nullptr};
  LayerNorm ln_1{nullptr};
  Mlp mlp{nullptr};
  LayerNorm ln_2{nullptr};

 private:
  bool causal_;
};
TORCH_MODULE(ResidualBlock);

/// Parameters: resblocks.N.{attn,ln_1,mlp,ln_2}.*
class TransformerImpl : public torch::nn::Module {
 public:
  explicit TransformerImpl(const TransformerOptions& options);

  /// Blocks [first_block, last_block) over tokens (B, T, W). Throws ValueError where 0 ≤ first_block ≤
  /// last_block ≤ layers does not hold.
  torch::Tensor run(torch::Tensor tokens, std::int64_t first_block, std::int64_t last_block) const;
  torch::Tensor forward(const torch::Tensor& tokens) const { return run(tokens, 0, options.layers); }
  ResidualBlock block(std::int64_t index) const;

  TransformerOptions options;
  torch::nn::ModuleList resblocks;
};
TORCH_MODULE(Transformer);

}  // namespace mkt::nn
