#pragma once
// Both stages on the golden tiny CLIP, on any device and in any precision. Source:
// tests/data/golden/README.md, "12 steps of each stage".

#include "mkt/torch.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "mkt/clip/vision_encoder.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/student.h"
#include "optim/adamw.h"
#include "optim/parameter_groups.h"
#include "optim/table_adamw.h"
#include "session/runtime.h"
#include "support/training.h"
#include "train/stage1.h"

namespace mkt::test {

/// Number of steps of the golden runs.
constexpr std::int64_t kGoldenSteps = 12;

/// Stage 1 as the golden run trains it.
class GoldenStage1 {
 public:
  explicit GoldenStage1(const session::Runtime& runtime = {});

  /// Losses of a batch with the current weights; skips images without a present label.
  train::Losses losses_of(const GoldenBatch& batch);
  /// Takes step `step` of the golden run; returns its losses before the update.
  train::Losses take_step(std::int64_t step);

  nlohmann::json training;  ///< the golden run's record
  model::Student student{nullptr};

 private:
  session::Runtime runtime_;
  std::unique_ptr<loss::LabelLoss> label_loss_ = loss::make_label_loss();
  std::unique_ptr<train::Stage1Losses> losses_;
  std::vector<optim::ParameterGroup> groups_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

/// Stage 2 as the golden run trains it.
class GoldenStage2 {
 public:
  /// `labels_at_once`: as in PromptLearnerOptions.
  explicit GoldenStage2(std::int64_t labels_at_once, const session::Runtime& runtime = {});

  /// Learning rate of step `step` of the golden run.
  double rate_at(std::int64_t step) const;
  /// Takes step `step` of the golden run; returns its loss before the update.
  double take_step(std::int64_t step);

  nlohmann::json training;  ///< the golden run's record
  model::PromptLearner learner;
  optim::TableAdamW optimizer;

 private:
  session::Runtime runtime_;
  clip::FrozenVisionEncoder images_;
};

}  // namespace mkt::test
