#pragma once
// Fast inference for transformer blocks that are not trained: no autograd graph; residuals, biases and the
// activation are fused into the matrix products; on CPUs a few sequences are processed at a time.
//
// QuickGELU is SiLU between two scaled products: x·σ(1.702x) = silu(1.702x)/1.702. The scales are passed to
// the matrix products as factors, and the attention scale is an argument of the attention kernel. Nothing is
// folded into the weights, so they are shared with the module, neither copied nor rounded. Layer scale, which
// few models have, costs one more pass over a branch.

#include "mkt/torch.h"

#include <utility>
#include <vector>

#include "mkt/nn/transformer.h"

namespace mkt::nn {

/// A block's weights, without gradients. The weights for matrix products have `dtype`; normalisation weights
/// keep their dtype.
struct FrozenBlock {
  FrozenBlock(const ResidualBlock& block, torch::Dtype dtype);

  torch::Tensor in_weight, in_bias, out_weight, out_bias, fc_weight, proj_weight, proj_bias;
  torch::Tensor scaled_fc_bias;  ///< bias of c_fc times `factor`
  torch::Tensor ln_1_weight, ln_1_bias, ln_2_weight, ln_2_bias;
  torch::Tensor ls_1, ls_2;  ///< factors of layer scale; undefined without
  Activation activation;     ///< kQuickGelu is computed as SiLU between products scaled by `factor`
  double factor;             ///< 1.702 for QuickGELU, 1 for GELU
};

/// Returns the factor for the products of queries and keys: 1/√(head width).
double attention_scale(const TransformerOptions& options);

/// Consecutive blocks of a transformer, not differentiable. The results equal those of Transformer::run
/// except for rounding. The weights are the transformer's own tensors if they have the dtype `dtype`,
/// otherwise converted copies: do not change the transformer or move it to another device while this object
/// is in use.
class FrozenTransformer {
 public:
  FrozenTransformer() = default;
  /// Uses blocks [first_block, last_block) of `transformer`. `dtype`: dtype of the matrix products (float32,
  /// bfloat16 or float16); normalisation and the residual stream stay in float32. Throws ValueError if the
  /// transformer does not have these blocks.
  FrozenTransformer(const Transformer& transformer, std::int64_t first_block, std::int64_t last_block,
                    torch::Dtype dtype = torch::kFloat32);

  std::int64_t first_block() const { return first_block_; }
  std::int64_t last_block() const { return first_block_ + static_cast<std::int64_t>(blocks_.size()); }

  /// Runs blocks [first_block, last_block) on tokens (B, T, W), float32 and contiguous, in place; returns
  /// tokens. Block numbers are the transformer's. Throws ValueError if this object does not contain these
  /// blocks.
  torch::Tensor run_(torch::Tensor tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// Runs all blocks.
  torch::Tensor run_(torch::Tensor tokens) const {
    return run_(std::move(tokens), first_block(), last_block());
  }

  /// Like run_, but for tokens except token 0 the last block is ResidualBlockImpl::forward_self(). Token 0 is
  /// that of run_; on a CPU, to the last bit. Costs a sixth of a block more. Throws ValueError if there is no
  /// block.
  torch::Tensor run_self_(torch::Tensor tokens) const;

  /// Like run_, but computes only token 0 of the last block: (B, T, W) → (B, W). Overwrites tokens if there
  /// is more than one block. Throws ValueError if there is no block.
  torch::Tensor run_class_token_(torch::Tensor tokens) const;

 private:
  using Block = FrozenBlock;

  void run_block(const Block& block, const torch::Tensor& tokens) const;
  torch::Tensor values_of(const Block& block, const torch::Tensor& tokens) const;
  void check_not_empty() const;
  void run_on_gpu(const torch::Tensor& tokens, std::int64_t first_block, std::int64_t last_block) const;
  torch::Tensor class_token(const Block& block, const torch::Tensor& tokens) const;
  void run_mlp(const Block& block, const torch::Tensor& rows) const;
  torch::Tensor hidden_of(const Block& block, const torch::Tensor& normed) const;
  torch::Tensor normalise(const torch::Tensor& input, const torch::Tensor& weight,
                          const torch::Tensor& bias) const;

  TransformerOptions options_;
  double scale_ = 1;
  std::int64_t first_block_ = 0;
  torch::Dtype dtype_ = torch::kFloat32;
  std::vector<Block> blocks_;
};

}  // namespace mkt::nn
