#pragma once
// Blocks that are never trained, as few operations as they can be: no graph, constants folded into the
// weights, residuals added in place, buffers shared by all blocks.
//
// Folded: the attention scale into the query weights; QuickGELU's 1.702 into c_fc and 1/1.702 into c_proj, so
// that QuickGELU is SiLU: x·σ(1.702x) = silu(1.702x)/1.702.

#include <torch/torch.h>

#include <vector>

#include "mkt/nn/transformer.h"

namespace mkt::nn {

/// A folded copy of some blocks' weights, on the device where the blocks lie. Later changes of the blocks do
/// not reach it. Not differentiable. Same results as Transformer::run but for rounding.
class FrozenTransformer {
 public:
  FrozenTransformer() = default;
  /// Blocks [first_block, last_block) of `transformer`. dtype: of the matrix products (float32, bfloat16,
  /// float16); normalisation and the residual stream stay in float32.
  FrozenTransformer(const Transformer& transformer, std::int64_t first_block, std::int64_t last_block,
                    torch::Dtype dtype = torch::kFloat32);

  std::int64_t first_block() const { return first_block_; }
  std::int64_t last_block() const { return first_block_ + static_cast<std::int64_t>(blocks_.size()); }

  /// Blocks [first_block, last_block) over tokens (B, T, W) float32 contiguous, **in place**; returns tokens.
  /// Block numbers are the transformer's own. Throws ValueError where they are not among the folded ones.
  torch::Tensor run_(torch::Tensor tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// All folded blocks.
  torch::Tensor run_(torch::Tensor tokens) const { return run_(tokens, first_block(), last_block()); }

  /// As run_, but only token 0 of the last folded block is computed: (B, T, W), overwritten → (B, W).
  torch::Tensor run_class_token_(torch::Tensor tokens) const;

 private:
  struct Block {
    torch::Tensor in_weight, in_bias, out_weight, out_bias, fc_weight, fc_bias, proj_weight, proj_bias;
    torch::Tensor ln_1_weight, ln_1_bias, ln_2_weight, ln_2_bias;
  };
  struct Buffers;

  Block fold(const ResidualBlock& block, torch::Dtype dtype) const;
  void run_block(const Block& block, torch::Tensor& rows, std::int64_t batch, Buffers& buffers) const;
  torch::Tensor class_token(const Block& block, const torch::Tensor& tokens) const;

  TransformerOptions options_;
  std::int64_t first_block_ = 0;
  torch::Dtype dtype_ = torch::kFloat32;
  std::vector<Block> blocks_;
};

}  // namespace mkt::nn
