#pragma once
// A causal transformer that is never trained, over many texts with a common start, differentiable in its
// input.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "mkt/nn/frozen.h"

namespace mkt::nn {

/// Texts as the rows of one matrix: the start that all share, once, then each text's own tokens.
struct PackedTexts {
  /// Consecutive texts of equal length.
  struct Group {
    std::int64_t texts = 0;
    std::int64_t length = 0;  ///< own tokens of each, at least one
  };

  std::int64_t shared = 0;  ///< tokens of the shared start; 0: there is none
  std::vector<Group> groups;

  std::int64_t texts() const;
  std::int64_t rows() const;        ///< shared + own tokens of all texts
  torch::Tensor last_rows() const;  // (texts) int64, the row of each text's last token
};

/// All blocks of a transformer, for the last token of each text. Values and gradient are those of running
/// every text alone and in full (a token sees only itself and those before it), but
/// - the shared start is computed once, its keys and values serving all texts;
/// - no row is padding: matrix products take all texts at once, attention goes group by group;
/// - of the last block, only what the last tokens need is computed;
/// - no gradient of a weight is.
/// Weights are shared or converted as in FrozenTransformer.
class PackedTransformer {
 public:
  /// dtype: of the matrix products; normalisation and the residual stream stay in float32, autocast or not.
  /// Throws ValueError where the transformer is not causal or has no block.
  explicit PackedTransformer(const Transformer& transformer, torch::Dtype dtype = torch::kFloat32);

  /// rows (N, W) float32 → (texts, W). Throws ValueError where N is not texts.rows().
  torch::Tensor last_tokens(torch::Tensor rows, const PackedTexts& texts) const;

 private:
  torch::Tensor whole_block(const FrozenBlock& block, const torch::Tensor& rows, const PackedTexts& texts,
                            const std::vector<torch::Tensor>& masks) const;
  torch::Tensor last_block(const FrozenBlock& block, const torch::Tensor& rows,
                           const PackedTexts& texts) const;

  TransformerOptions options_;
  torch::Dtype dtype_;
  std::vector<FrozenBlock> blocks_;
};

}  // namespace mkt::nn
