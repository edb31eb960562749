#pragma once
// One run of a stage on all its ranks: the loop, its checkpoints and evaluations, its state.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/stopwatch.h"
#include "mkt/data/loader.h"
#include "optim/schedule.h"
#include "session/session.h"
#include "train/inputs.h"
#include "train/loss_scaler.h"
#include "train/run_folder.h"
#include "train/run_state.h"
#include "train/stage.h"
#include "train/step.h"

namespace mkt::train {

class TrainingRun {
 public:
  /// `resolved` is the text of resolved.toml. Everything that can be wrong with the options is found here.
  TrainingRun(const TrainingOptions& options, const std::string& resolved, const TrainingInputs& inputs,
              Stage& stage, session::Session& session);

  /// Trains to the last epoch; the last checkpoint's path.
  std::string run();

 private:
  /// Sums over the steps of an epoch.
  struct Sums {
    double rank = 0;
    double dist = 0;
    std::int64_t steps = 0;
    std::int64_t images = 0;
  };

  // training_setup.cpp
  void build_loaders();
  nlohmann::ordered_json make_identity() const;
  void open_folder(const std::string& resolved);
  void check_space();
  std::optional<RunState> find_state();
  RunProgress load(const RunState& state);
  void save_state(std::int64_t step);

  // training_run.cpp
  void train_epoch();
  void train_step(std::int64_t step);
  StepResult gradients_of_step(std::int64_t step);
  void save_before_failure(std::int64_t step) noexcept;
  /// Whether the step can be taken: false where it has no images, or fp16 overflowed.
  bool check(const StepResult& result, std::int64_t step);
  [[noreturn]] void fail(const StepResult& result, std::int64_t step);
  void record_step(const StepResult& result, std::int64_t step, double lr);
  void save_if_due(std::int64_t step);
  void stop(int signal, std::int64_t step);
  void warn(const std::string& message) const;
  void finish_epoch(const Stopwatch& watch);
  void warn_of_still_loss() const;
  void record_epoch(const Stopwatch& watch);
  void evaluate_epoch();
  double rate_at(std::int64_t step) const;
  std::string checkpoint_path(std::int64_t epoch) const;

  TrainingOptions options_;
  const TrainingInputs& inputs_;
  Stage& stage_;
  session::Session& session_;
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<RunFolder> folder_;  // rank 0 alone writes
  std::unique_ptr<data::DataLoader> train_loader_;
  std::unique_ptr<data::DataLoader> test_loader_;
  optim::CosineSchedule schedule_;
  LossScaler scaler_;
  nlohmann::ordered_json identity_;
  std::int64_t steps_per_epoch_ = 0;
  std::int64_t epoch_ = 0;
  std::int64_t first_step_ = 0;  // of epoch_, greater than 0 after a resume
  std::int64_t images_now_ = 0;  // of this epoch, since this process took the run up
  std::int64_t steps_now_ = 0;
  Sums sums_;
  std::vector<std::pair<Losses, std::vector<std::int64_t>>> step_batches_;  // for the report of a failure
  Stopwatch since_state_;
  double least_loss_ = 0;  // of those steps
  double greatest_loss_ = 0;
  std::int64_t equal_scores_ = 0;  // steps in a row that look like it
};

}  // namespace mkt::train
