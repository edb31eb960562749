#pragma once
// A training step, the long way and ours.

#include "mkt/torch.h"

#include <functional>
#include <memory>

#include "mkt/model/prompts.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

namespace mkt::bench {

class Way {
 public:
  virtual ~Way() = default;
  /// One optimiser step; returns the loss before it.
  virtual double step() = 0;
};

/// What a stage-1 step is given.
struct Stage1Given {
  weights::TensorMap clip;       // OpenAI's names
  weights::TensorMap student;    // a stage-1 checkpoint of the same CLIP
  torch::Tensor images;          // (B, 3, H, H)
  torch::Tensor labels;          // (B, C) int8
  torch::Tensor label_features;  // (C, D)
};

/// CLIP and student by formula, ViT-B/16; about ten labels present an image.
Stage1Given formula_stage1(std::int64_t images, std::int64_t labels);

/// Student and teacher in full, frozen weights without gradient.
std::unique_ptr<Way> make_long_stage1(const Stage1Given& given);
/// model::DistillationPair and what goes with it.
std::unique_ptr<Way> make_our_stage1(const Stage1Given& given);
/// The matrix products of our step, run forward: their time is what it cannot go below.
std::function<void()> stage1_products(const Stage1Given& given);

/// What a stage-2 step is given.
struct Stage2Given {
  weights::TensorMap clip;     // OpenAI's names
  weights::TensorMap student;  // a stage-1 checkpoint
  model::Prompts prompts;
  torch::Tensor images;  // (B, 3, H, H)
  torch::Tensor labels;  // (B, C) int8
};

struct Stage2Case {
  std::string shape = "tiny";  ///< of the CLIP: "tiny" or "full"
  std::int64_t labels = 1006;
  std::int64_t images = 8;  ///< a step
};

/// CLIP and student by formula; labels of one to three tokens.
Stage2Given formula_stage2(const Stage2Case& options);

class Stage2Way : public Way {
 public:
  /// Of the gradients that ranks would exchange.
  virtual std::int64_t bytes_exchanged() const = 0;
};

/// As the published code computes it: image encoder with a graph, 77 tokens a label, every pair of labels in
/// the loss, AdamW over the whole token embedding.
std::unique_ptr<Stage2Way> make_long_stage2(const Stage2Given& given);
/// model::PromptLearner and what goes with it.
std::unique_ptr<Stage2Way> make_our_stage2(const Stage2Given& given);
std::function<void()> stage2_products(const Stage2Given& given);

}  // namespace mkt::bench
