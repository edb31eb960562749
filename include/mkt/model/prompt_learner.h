#pragma once
// Stage 2's model: CLIP's text encoder, of which the prompt's own words are learned.

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
  std::int64_t labels_at_once = 1024;  ///< most labels whose activations are kept for a backward pass
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;  ///< of the matrix products
};

struct PromptChunk;

/// The features of labels as a function of the token embedding's rows that stand outside the labels: start,
/// there, is, a, in, the, scene, end. Within the labels the embeddings stay CLIP's, even of the same tokens;
/// so does everything else. Values and gradients are those of training the whole table (nn/packed.h), whose
/// other rows only ever decay.
///
/// A step: `features = begin_step()`; any loss of them, backward(), as often as gradients are to be summed;
/// `end_step()`; then rows().grad() is that of the long way.
class PromptLearner {
 public:
  /// `clip`: weights with OpenAI's names, kept as they are for state_dict(); `file` is for messages. Throws
  /// c10::Error naming it where they do not fit together; ValueError for prompts of other sizes.
  PromptLearner(const clip::TensorMap& clip, const std::string& file, const Prompts& prompts,
                const PromptLearnerOptions& options = {});
  ~PromptLearner();
  PromptLearner(PromptLearner&&) noexcept;
  PromptLearner& operator=(PromptLearner&&) noexcept;

  std::int64_t labels() const { return order_.size(0); }
  /// (R, W) float32: all that trains.
  const torch::Tensor& rows() const { return rows_; }
  /// (R) int64 ascending, on the CPU: the token of each row.
  const torch::Tensor& row_ids() const { return row_ids_; }

  /// (C, D) float32 in the prompts' order, not normalised, without graph. Memory: labels_at_once labels'.
  torch::Tensor features() const;

  /// The same as a leaf that requires grad, autocast or not. What an earlier begin_step kept is dropped.
  torch::Tensor begin_step();
  /// Adds the gradient of the rows to rows().grad(). Up to labels_at_once labels, it goes back through the
  /// graph that begin_step built; with more, chunk by chunk through one built anew. Throws ValueError
  /// where no features of begin_step have a gradient.
  void end_step();

  /// Takes over the rows of `other`, which trains on other labels of the same CLIP. A row that it does not
  /// have is CLIP's times `decay` (optim::TableAdamW::decay).
  void copy_rows(const PromptLearner& other, double decay);

  /// Takes over its rows of a whole token embedding (vocabulary, W), as a checkpoint has it.
  void load_rows(const torch::Tensor& table);

  /// Stage 2's checkpoint: the text encoder, keys prefixed "module.", float32 on the CPU. `decay`: what the
  /// optimiser multiplied the table's other rows by so far (optim::TableAdamW::decay).
  clip::TensorMap state_dict(double decay) const;

 private:
  torch::Tensor encode(const PromptChunk& chunk) const;  // (c, D), labels as in the chunk

  clip::TensorMap weights_;  // the text side, as given
  torch::Tensor row_ids_, rows_, no_row_;
  torch::Tensor own_table_;  // (U + 1, W), the last row zeros
  torch::Tensor positional_embedding_, ln_weight_, ln_bias_, projection_;
  nn::PackedTransformer transformer_;
  torch::Tensor order_, inverse_;
  std::vector<PromptChunk> chunks_;
  torch::Tensor leaf_, graph_;  // of the step that is under way
};

}  // namespace mkt::model
