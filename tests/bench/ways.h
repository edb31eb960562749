#pragma once
// Training steps in two implementations: the reference without shortcuts ("long") and ours.

#include "mkt/torch.h"

#include <functional>
#include <memory>

#include "mkt/model/prompts.h"
#include "mkt/weights/checkpoint.h"
#include "session/runtime.h"
#include "support/formula.h"

namespace mkt::bench {

/// A training step with model and optimiser state.
class Way {
 public:
  virtual ~Way() = default;
  /// Runs one optimiser step; returns the loss before the update, a scalar on the device.
  virtual torch::Tensor step() = 0;
};

/// Weights and batch for stage 1.
struct Stage1Given {
  weights::TensorMap clip;       ///< CLIP with OpenAI's names
  weights::TensorMap student;    ///< stage-1 checkpoint trained from the same CLIP
  torch::Tensor images;          ///< (B, 3, H, H)
  torch::Tensor labels;          ///< (B, C) int8
  torch::Tensor label_features;  ///< (C, D)
  session::Runtime runtime;      ///< device and precision of our step; the reference ignores it
};

/// Builds a formula-generated CLIP and student; per image, one label in 90 is present.
Stage1Given formula_stage1(std::int64_t images, std::int64_t labels, const test::ClipShape& shape = {});

/// Reference: runs all blocks of student and teacher separately; no gradients are computed for frozen
/// weights.
std::unique_ptr<Way> make_long_stage1(const Stage1Given& given);
/// Ours: runs model::DistillationPair, which computes the blocks shared by student and teacher once.
std::unique_ptr<Way> make_our_stage1(const Stage1Given& given);
/// Returns a function that runs only the matrix products of our step: a lower bound of its run time.
std::function<void()> stage1_products(const Stage1Given& given);

/// Weights, prompts and batch for stage 2.
struct Stage2Given {
  weights::TensorMap clip;     ///< CLIP with OpenAI's names
  weights::TensorMap student;  ///< stage-1 checkpoint
  model::Prompts prompts;      ///< prompts for C labels
  torch::Tensor images;        ///< (B, 3, H, H)
  torch::Tensor labels;        ///< (B, C) int8
  session::Runtime runtime;    ///< device and precision of our step; the reference ignores it
};

struct Stage2Case {
  std::string shape = "tiny";  ///< CLIP size: "tiny" or "full" (ViT-B/16)
  std::int64_t labels = 1006;
  std::int64_t images = 8;  ///< images per step
};

/// Builds a formula-generated CLIP and student, and labels with one to three tokens.
Stage2Given formula_stage2(const Stage2Case& options);

class Stage2Way : public Way {
 public:
  /// Returns the number of gradient bytes that ranks exchange per step.
  virtual std::int64_t bytes_exchanged() const = 0;
};

/// Reference: runs the step as the published code does. Autograd records the image encoder, every label has
/// 77 tokens, the loss compares every pair of labels, and AdamW updates the whole token embedding.
std::unique_ptr<Stage2Way> make_long_stage2(const Stage2Given& given);
/// Ours: runs model::PromptLearner, the frozen image encoder and optim::TableAdamW.
std::unique_ptr<Stage2Way> make_our_stage2(const Stage2Given& given);
/// Returns a function that runs only the matrix products of our step: a lower bound of its run time.
std::function<void()> stage2_products(const Stage2Given& given);

}  // namespace mkt::bench
