#pragma once
// Multi-head self-attention with the parameter names of torch.nn.MultiheadAttention.

#include "mkt/torch.h"

#include "mkt/nn/layers.h"

namespace mkt::nn {

struct AttentionOptions {
  std::int64_t width = 0;
  std::int64_t heads = 0;  ///< divides width
};

/// in_proj_weight (3W, W), in_proj_bias (3W): queries, keys, values in this order; out_proj (W → W).
class AttentionImpl : public torch::nn::Module {
 public:
  explicit AttentionImpl(const AttentionOptions& options);

  /// tokens (B, T, W) → (B, T, W). causal: a token sees itself and those before it.
  torch::Tensor forward(const torch::Tensor& tokens, bool causal = false) const;

  AttentionOptions options;
  torch::Tensor in_proj_weight;
  torch::Tensor in_proj_bias;
  Linear out_proj{nullptr};
};
TORCH_MODULE(Attention);

/// Heads of softmax(q·kᵀ·scale)·v joined again. qkv (B, T, 3·W) as the input projection gives it; result
/// (B, T, W), contiguous. Works on views of qkv: nothing is copied.
torch::Tensor attend(const torch::Tensor& qkv, std::int64_t heads, bool causal, double scale);

}  // namespace mkt::nn
