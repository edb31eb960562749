#pragma once
// Training steps in two ways: the long way, without shortcuts, and ours.

#include "mkt/torch.h"

#include <functional>
#include <memory>

#include "mkt/model/prompts.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

namespace mkt::bench {

/// A training step with its state.
class Way {
 public:
  virtual ~Way() = default;
  /// Makes one optimiser step; returns the loss before it.
  virtual double step() = 0;
};

/// Weights and a batch for stage 1.
struct Stage1Given {
  weights::TensorMap clip;       ///< CLIP with OpenAI's names
  weights::TensorMap student;    ///< a stage-1 checkpoint of the same CLIP
  torch::Tensor images;          ///< (B, 3, H, H)
  torch::Tensor labels;          ///< (B, C) int8
  torch::Tensor label_features;  ///< (C, D)
};

/// A ViT-B/16 CLIP and student from a formula; one label of 90 is present per image.
Stage1Given formula_stage1(std::int64_t images, std::int64_t labels);

/// Runs student and teacher separately and completely; frozen weights have no gradient.
std::unique_ptr<Way> make_long_stage1(const Stage1Given& given);
/// Runs model::DistillationPair, which computes shared blocks once.
std::unique_ptr<Way> make_our_stage1(const Stage1Given& given);
/// The matrix products of our step: a lower bound of its time.
std::function<void()> stage1_products(const Stage1Given& given);

/// Weights, prompts and a batch for stage 2.
struct Stage2Given {
  weights::TensorMap clip;     ///< CLIP with OpenAI's names
  weights::TensorMap student;  ///< a stage-1 checkpoint
  model::Prompts prompts;      ///< of C labels
  torch::Tensor images;        ///< (B, 3, H, H)
  torch::Tensor labels;        ///< (B, C) int8
};

struct Stage2Case {
  std::string shape = "tiny";  ///< size of the CLIP: "tiny" or "full" (ViT-B/16)
  std::int64_t labels = 1006;
  std::int64_t images = 8;  ///< images per step
};

/// CLIP and student from a formula; labels of one to three tokens.
Stage2Given formula_stage2(const Stage2Case& options);

class Stage2Way : public Way {
 public:
  /// The size of the gradients that ranks exchange per step.
  virtual std::int64_t bytes_exchanged() const = 0;
};

/// The step of the published code: an image encoder with a graph, 77 tokens per label, every pair of labels
/// in the loss, AdamW over the whole token embedding.
std::unique_ptr<Stage2Way> make_long_stage2(const Stage2Given& given);
/// Runs model::PromptLearner, the frozen encoder and optim::TableAdamW.
std::unique_ptr<Stage2Way> make_our_stage2(const Stage2Given& given);
/// The matrix products of our step: a lower bound of its time.
std::function<void()> stage2_products(const Stage2Given& given);

}  // namespace mkt::bench
