#pragma once
// Multi-head self-attention with the parameter names of torch.nn.MultiheadAttention.

#include "mkt/torch.h"

#include "mkt/nn/layers.h"

namespace mkt::nn {

struct AttentionOptions {
  std::int64_t width = 0;
  std::int64_t heads = 0;  ///< must divide width
};

/// Multi-head self-attention. in_proj_weight (3W, W) and in_proj_bias (3W) compute queries, keys and values,
/// in this order; out_proj (W → W) is the output projection. Source: Vaswani et al., "Attention is all you
/// need", arXiv 1706.03762.
class AttentionImpl : public torch::nn::Module {
 public:
  /// Throws ValueError if the width is not divisible by the number of heads.
  explicit AttentionImpl(const AttentionOptions& options);

  /// Runs self-attention: tokens (B, T, W) → (B, T, W). If `causal`, each token attends to itself and to
  /// earlier tokens only.
  torch::Tensor forward(const torch::Tensor& tokens, bool causal = false) const;

  /// Runs attention of each token to itself only, whose result is its own value: tokens (B, T, W) → (B, T,
  /// W).
  torch::Tensor forward_self(const torch::Tensor& tokens) const;

  AttentionOptions options;
  torch::Tensor in_proj_weight;
  torch::Tensor in_proj_bias;
  Linear out_proj{nullptr};
};
TORCH_MODULE(Attention);

/// Computes softmax(q·kᵀ·scale)·v per head and concatenates the heads. qkv (B, T, 3·W) from the input
/// projection → (B, T, W), contiguous. Works on views of qkv, without copies.
torch::Tensor attend(const torch::Tensor& qkv, std::int64_t heads, bool causal, double scale);

}  // namespace mkt::nn
