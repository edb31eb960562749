#pragma once
// Runs a frozen causal transformer fast on many texts with a shared prefix; differentiable with respect to
// its input.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "mkt/nn/frozen.h"

namespace mkt::nn {

/// Texts packed into the rows of one matrix: first the shared prefix's tokens, then each text's own tokens
/// (those after the prefix).
struct PackedTexts {
  /// Consecutive texts of equal length.
  struct Group {
    std::int64_t texts = 0;
    std::int64_t length = 0;  ///< number of own tokens per text, at least 1
  };

  std::int64_t shared = 0;  ///< number of tokens in the shared prefix; 0 if there is none
  std::vector<Group> groups;

  std::int64_t texts() const;       ///< number of texts
  std::int64_t rows() const;        ///< number of rows: shared tokens plus all texts' own tokens
  torch::Tensor last_rows() const;  ///< (texts) int64: row index of each text's last token
};

/// Runs all transformer blocks and returns the output for each text's last token. Values and gradients equal
/// those of running every text separately and in full, with less work:
/// - The shared prefix is computed once; all texts use its keys and values.
/// - There is no padding: matrix products process all texts together, attention one group at a time.
/// - In the last block, only the last tokens are computed.
/// - No weight gradients are computed.
///
/// Weights are shared or converted as in FrozenTransformer.
class PackedTransformer {
 public:
  /// `dtype`: dtype of the matrix products; normalisation and the residual stream stay in float32, even under
  /// autocast. Throws ValueError if the transformer is not causal or has no block.
  explicit PackedTransformer(const Transformer& transformer, torch::Dtype dtype = torch::kFloat32);

  /// Computes each text's last token: rows (N, W) float32 → (texts, W). `last`: texts.last_rows() on the
  /// rows' device; made and copied there if undefined, for which a GPU is waited for. Throws ValueError if N
  /// is not texts.rows().
  torch::Tensor last_tokens(torch::Tensor rows, const PackedTexts& texts,
                            const torch::Tensor& last = {}) const;

 private:
  torch::Tensor whole_block(const FrozenBlock& block, const torch::Tensor& rows, const PackedTexts& texts,
                            const std::vector<torch::Tensor>& masks) const;
  /// Projects `attended`, adds it to `rows`, and adds the MLP's branch: (N, W) each → (N, W).
  torch::Tensor through_mlp(const FrozenBlock& block, const torch::Tensor& attended,
                            const torch::Tensor& rows) const;
  torch::Tensor last_block(const FrozenBlock& block, const torch::Tensor& rows, const PackedTexts& texts,
                           const torch::Tensor& last) const;

  TransformerOptions options_;
  torch::Dtype dtype_;
  std::vector<FrozenBlock> blocks_;
};

}  // namespace mkt::nn
