#pragma once
// Implements the training loop of both stages: epochs, steps, gradients, updates, evaluation.

#include "mkt/torch.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/stopwatch.h"
#include "mkt/model/pooling.h"
#include "optim/loss_scaler.h"
#include "optim/schedule.h"
#include "optim/weight_average.h"
#include "scoring/protocol.h"
#include "session/session.h"
#include "train/loaders.h"
#include "train/loss_watch.h"
#include "train/run_store.h"
#include "train/stage.h"
#include "train/step.h"
#include "train/step_log.h"
#include "train/step_plan.h"
#include "train/training_data.h"

namespace mkt::train {

/// Parameters of the training loop.
struct TrainerOptions {
  StepPlan plan;
  optim::CosineSchedule schedule;
  std::int64_t epochs = 0;
  std::int64_t eval_every = 0;          ///< epochs between evaluations; 0: only after the last one
  bool average_per_rank = false;        ///< whether batches have equal weight, instead of images
  model::LocalPooling local = {};       ///< of patches, in the evaluation
  double ema = 0;                       ///< decay of the weights' moving average; 0: off
  scoring::MetricOptions metrics = {};  ///< metrics of the evaluations
};

/// Runs a stage on one rank; every rank makes the same calls.
class Trainer {
 public:
  /// Keeps references to all arguments except `options`.
  Trainer(const TrainerOptions& options, const TrainingData& data, const TrainingLoaders& loaders,
          Stage& stage, RunStore& store, session::Session& session);

  /// Loads a state. Throws c10::Error naming its file if its tensors do not match the stage's.
  void resume(const ResumePoint& point);

  /// Trains to the last epoch and returns the last checkpoint's path. Throws Stopped after a signal, once the
  /// state is saved; std::runtime_error if a loss or gradient is not finite.
  std::string run();

 private:
  void train_epoch();
  void train_step(std::int64_t step);
  StepResult gradients_of_step(std::int64_t step);
  void add_gradients(const data::Batch& batch, StepSums& sums);
  bool accept(const StepResult& result, std::int64_t step);
  void finish_epoch();
  void report_bad_images();
  void save_checkpoint(const std::string& name);
  void record_epoch();
  void evaluate(const std::string& weights);

  void save(std::int64_t step);
  void save_before_failure(std::int64_t step) noexcept;
  [[noreturn]] void fail(const std::string& reason, bool only_bad_losses, std::int64_t step);
  [[noreturn]] void stop(int signal, std::int64_t step);
  void warn(const std::string& message) const;

  double rate_at(std::int64_t step) const;
  std::string place(std::int64_t step) const;
  std::string checkpoint_name(const std::string& weights) const;

  TrainerOptions options_;
  const TrainingData& data_;
  const TrainingLoaders& loaders_;
  Stage& stage_;
  RunStore& store_;
  session::Session& session_;
  std::vector<torch::Tensor> parameters_;
  std::optional<optim::WeightAverage> average_;
  optim::LossScaler scaler_;
  LossWatch watch_;
  StepLog log_;
  std::int64_t epoch_ = 0;
  double waited_ = 0;            // seconds of this epoch's steps in which one waited for its images
  double saved_ = 0;             // seconds of this epoch in which states and checkpoints were written
  double trained_ = 0;           // seconds of this epoch's steps, without those of saved_
  std::int64_t first_step_ = 0;  // first step to train in epoch_; greater than 0 after a resume
};

}  // namespace mkt::train
