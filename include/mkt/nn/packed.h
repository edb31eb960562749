#pragma once
// Fast evaluation of a causal transformer that is not trained on many texts with a common start,
// differentiable with respect to its input.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "mkt/nn/frozen.h"

namespace mkt::nn {

/// Texts packed into the rows of one matrix: first the tokens of the shared start, then the own tokens of
/// each text.
struct PackedTexts {
  /// Consecutive texts of equal length.
  struct Group {
    std::int64_t texts = 0;
    std::int64_t length = 0;  ///< number of own tokens of each text, at least 1
  };

  std::int64_t shared = 0;  ///< number of tokens of the shared start; 0 if there is none
  std::vector<Group> groups;

  std::int64_t texts() const;       ///< number of texts
  std::int64_t rows() const;        ///< number of rows: shared tokens and own tokens of all texts
  torch::Tensor last_rows() const;  ///< (texts) int64: the row of each text's last token
};

/// Runs all blocks of a transformer for the last token of each text. Values and gradients equal those of each
/// text run alone and in full, with less work:
/// - The shared start is computed once; all texts use its keys and values.
/// - There is no padding: matrix products process all texts together, attention one group at a time.
/// - In the last block, only the last tokens are computed.
/// - No gradients of weights are computed.
/// Weights are shared or converted as in FrozenTransformer.
class PackedTransformer {
 public:
  /// `dtype` is that of the matrix products; normalisation and the residual stream stay in float32, also
  /// under autocast. Throws ValueError if the transformer is not causal or has no block.
  explicit PackedTransformer(const Transformer& transformer, torch::Dtype dtype = torch::kFloat32);

  /// rows (N, W) float32 → (texts, W). Throws ValueError if N is not texts.rows().
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
