#pragma once
// Stage 2's model: CLIP's text encoder with trained token embeddings for the prompt template.

#include "mkt/torch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/model/prompts.h"
#include "mkt/nn/packed.h"

namespace mkt::nn {
class GraphedGradient;
}

namespace mkt::model {

/// Prefix of the keys in a stage-2 checkpoint.
inline constexpr const char* kStage2Prefix = "module.";

struct PromptLearnerOptions {
  std::int64_t labels_at_once =
      1024;  ///< maximum number of labels whose activations are kept for a backward pass
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;  ///< dtype of the matrix products
};

struct PromptChunk;

/// Computes label features as a function of the trained rows: the token-embedding rows for the template's
/// tokens (start, there, is, a, in, the, scene, end). Tokens in labels keep CLIP's embeddings, even if the
/// template contains the same token; all other weights are frozen. Values and gradients equal those of
/// training the whole table (nn/packed.h), whose other rows only decay.
///
/// A training step: `features = begin_step()`; backward() on any loss computed from the features, several
/// times to accumulate gradients; `end_step()`. Then rows().grad() is the gradient.
class PromptLearner {
 public:
  /// `clip`: weights of a text encoder, kept unchanged for state_dict(). Throws c10::Error naming their file
  /// if a value is not finite, ValueError if the prompts do not fit the encoder's context or vocabulary.
  PromptLearner(const clip::Weights& clip, const Prompts& prompts, const PromptLearnerOptions& options = {});
  ~PromptLearner();
  PromptLearner(PromptLearner&&) noexcept;
  PromptLearner& operator=(PromptLearner&&) noexcept;

  std::int64_t labels() const { return order_.size(0); }
  /// The trained rows, (R, W) float32.
  const torch::Tensor& rows() const { return rows_; }
  /// Token id of each row, (R) int64, ascending, on the CPU.
  const torch::Tensor& row_ids() const { return row_ids_; }

  /// Computes features (C, D) float32 in the order of the prompts, not normalised, without autograd graph,
  /// labels_at_once labels at a time.
  torch::Tensor features() const;

  /// Computes the features as a leaf tensor that requires a gradient, with or without autocast. Drops the
  /// state of an earlier begin_step().
  torch::Tensor begin_step();
  /// Adds the rows' gradient to rows().grad(). On a GPU, CUDA graphs replace autograd's. For up to
  /// labels_at_once labels, uses the autograd graph of begin_step(); for more, recomputes the graph chunk by
  /// chunk. Throws ValueError if the features from begin_step() have no gradient.
  void end_step();

  /// Copies the rows of `other`, a prompt learner for other labels with the same CLIP weights. A row that
  /// `other` does not have becomes CLIP's row times `decay` (optim::TableAdamW::decay).
  void copy_rows(const PromptLearner& other, double decay);

  /// Copies the rows from a complete token embedding (vocabulary, W), as stored in a checkpoint.
  void load_rows(const torch::Tensor& table);

  /// Makes stage 2's checkpoint: the text encoder's tensors with the key prefix "module.", float32 on the
  /// CPU. `decay`: the factor by which the optimiser has multiplied the table's other rows so far
  /// (optim::TableAdamW::decay).
  clip::TensorMap state_dict(double decay) const;

 private:
  torch::Tensor encode(const PromptChunk& chunk) const;  // (c, D), in the chunk's order
  torch::Tensor encode_graphed(std::size_t chunk);       // the same as a CUDA graph

  clip::TensorMap weights_;  // the text encoder's weights as passed to the constructor
  torch::Tensor row_ids_, rows_, no_row_;
  torch::Tensor own_table_;  // (U + 1, W); the last row is zero
  torch::Tensor positional_embedding_, ln_weight_, ln_bias_, projection_;
  nn::PackedTransformer transformer_;
  double epsilon_;  // ε of ln_final
  torch::Tensor order_, inverse_;
  std::vector<PromptChunk> chunks_;
  torch::Tensor leaf_, graph_;  // set by begin_step(), used by end_step()
  std::unique_ptr<nn::GraphedGradient> graphs_;
};

}  // namespace mkt::model
