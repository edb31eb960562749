#pragma once
// Blocks that are never trained, as few operations as they can be: no graph; residuals, biases and SiLU
// inside the matrix products (nn/product.h); a few sequences at a time on CPUs.
//
// QuickGELU is SiLU between two scaled products, x·σ(1.702x) = silu(1.702x)/1.702. The scales are the
// products' own factors, and the attention scale is the attention kernel's, so that nothing is folded into
// weights: these are shared with the module, neither copied nor rounded anew.

#include "mkt/torch.h"

#include <utility>
#include <vector>

#include "mkt/nn/transformer.h"

namespace mkt::nn {

/// A block's weights without gradients: those of the matrix products in `dtype`, the normalisations' as they
/// are.
struct FrozenBlock {
  FrozenBlock(const ResidualBlock& block, torch::Dtype dtype);

  torch::Tensor in_weight, in_bias, out_weight, out_bias, fc_weight, proj_weight, proj_bias;
  torch::Tensor scaled_fc_bias;  // times 1.702
  torch::Tensor ln_1_weight, ln_1_bias, ln_2_weight, ln_2_bias;
};

/// Factor on the products of queries and keys.
double attention_scale(const TransformerOptions& options);

/// Some blocks of a transformer, not differentiable. Same results as Transformer::run but for rounding.
/// Weights are the transformer's own tensors where `dtype` is theirs, converted copies elsewhere; so leave
/// them unchanged, and on their device, as long as this lives.
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
  /// Block numbers are the transformer's own. Throws ValueError where they are not among these.
  torch::Tensor run_(torch::Tensor tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// All of them.
  torch::Tensor run_(torch::Tensor tokens) const {
    return run_(std::move(tokens), first_block(), last_block());
  }

  /// As run_, but only token 0 of the last block is computed: (B, T, W) → (B, W). Overwrites tokens where
  /// there is more than one block.
  torch::Tensor run_class_token_(torch::Tensor tokens) const;

 private:
  using Block = FrozenBlock;

  void run_block(const Block& block, const torch::Tensor& tokens) const;
  torch::Tensor class_token(const Block& block, const torch::Tensor& tokens) const;
  void run_mlp(const Block& block, const torch::Tensor& rows) const;
  torch::Tensor normalise(const torch::Tensor& input, const torch::Tensor& weight,
                          const torch::Tensor& bias) const;

  TransformerOptions options_;
  double scale_ = 1;
  std::int64_t first_block_ = 0;
  torch::Dtype dtype_ = torch::kFloat32;
  std::vector<Block> blocks_;
};

}  // namespace mkt::nn
