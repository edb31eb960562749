#pragma once
// Stage 2's model: CLIP's text encoder with trained embeddings of the prompt's own words.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/model/prompts.h"
#include "mkt/nn/packed.h"

namespace mkt::model {

struct PromptLearnerOptions {
  std::int64_t labels_at_once =
      1024;  ///< maximum number of labels whose activations are kept for a backward pass
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;  ///< type of the matrix products
};

struct PromptChunk;

/// Computes label features as a function of those rows of the token embedding that the template uses: start,
/// there, is, a, in, the, scene, end. Tokens of the labels keep CLIP's embeddings, even if the template has
/// the same token; all other weights are frozen. Values and gradients equal those of training the whole table
/// (nn/packed.h), whose other rows only decay.
///
/// A training step: `features = begin_step()`; backward() of any loss of the features, several times to sum
/// gradients; `end_step()`. Then rows().grad() is the gradient.
class PromptLearner {
 public:
  /// `clip`: weights with OpenAI's names, kept unchanged for state_dict(). Throws c10::Error naming `file` if
  /// they do not fit together, ValueError for prompts of other sizes.
  PromptLearner(const clip::TensorMap& clip, const std::string& file, const Prompts& prompts,
                const PromptLearnerOptions& options = {});
  ~PromptLearner();
  PromptLearner(PromptLearner&&) noexcept;
  PromptLearner& operator=(PromptLearner&&) noexcept;

  std::int64_t labels() const { return order_.size(0); }
  /// (R, W) float32: the trained rows.
  const torch::Tensor& rows() const { return rows_; }
  /// (R) int64, ascending, on the CPU: the token id of each row.
  const torch::Tensor& row_ids() const { return row_ids_; }

  /// Features (C, D) float32 in the order of the prompts, not normalised, without graph. Computed
  /// labels_at_once labels at a time.
  torch::Tensor features() const;

  /// The features as a leaf that requires a gradient, with or without autocast. Drops the state of an earlier
  /// begin_step.
  torch::Tensor begin_step();
  /// Adds the gradient of the rows to rows().grad(). For up to labels_at_once labels, uses the graph of
  /// begin_step; for more, recomputes the graph chunk by chunk. Throws ValueError if the features of
  /// begin_step have no gradient.
  void end_step();

  /// Copies the rows of `other`, which trains on other labels of the same CLIP. Rows that `other` does not
  /// have become CLIP's times `decay` (optim::TableAdamW::decay).
  void copy_rows(const PromptLearner& other, double decay);

  /// Copies the rows from a whole token embedding (vocabulary, W), as stored in a checkpoint.
  void load_rows(const torch::Tensor& table);

  /// Stage 2's checkpoint: the text encoder with the key prefix "module.", float32 on the CPU. `decay`: the
  /// factor by which the optimiser has multiplied the table's other rows so far (optim::TableAdamW::decay).
  clip::TensorMap state_dict(double decay) const;

 private:
  torch::Tensor encode(const PromptChunk& chunk) const;  // (c, D), in the order of the chunk

  clip::TensorMap weights_;  // the text encoder, as given
  torch::Tensor row_ids_, rows_, no_row_;
  torch::Tensor own_table_;  // (U + 1, W), the last row zeros
  torch::Tensor positional_embedding_, ln_weight_, ln_bias_, projection_;
  nn::PackedTransformer transformer_;
  torch::Tensor order_, inverse_;
  std::vector<PromptChunk> chunks_;
  torch::Tensor leaf_, graph_;  // state between begin_step and end_step
};

}  // namespace mkt::model
