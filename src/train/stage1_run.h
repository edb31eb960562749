#pragma once
// One run of stage 1: what it holds, and the loop over it.

#include <memory>
#include <string>
#include <vector>

#include "mkt/clip/vision.h"
#include "mkt/data/loader.h"
#include "mkt/data/nus_wide.h"
#include "mkt/model/distillation.h"
#include "mkt/optim/adamw.h"
#include "mkt/optim/parameter_groups.h"
#include "mkt/optim/schedule.h"
#include "mkt/train/loss_scaler.h"
#include "mkt/train/options.h"
#include "mkt/train/run_folder.h"
#include "mkt/train/run_state.h"
#include "mkt/train/runtime.h"
#include "mkt/train/stage1.h"

namespace mkt::train {

class Stage1Run {
 public:
  Stage1Run(const Stage1Options& options, const std::string& resolved);
  std::string run();

 private:
  /// Sums over the steps of an epoch.
  struct Sums {
    double rank = 0;
    double dist = 0;
    std::int64_t steps = 0;
    std::int64_t images = 0;
  };

  void build_model(const clip::TensorMap& clip);
  void build_loaders();
  nlohmann::ordered_json make_identity() const;
  void resume();
  void save_state(std::int64_t step);
  void stop_if_asked(std::int64_t step);

  void train_epoch();
  /// False where the step was left out: no image with a present label, or fp16 overflow.
  bool train_step(const data::Batch& batch, std::int64_t step);
  void check_finite(const Stage1Losses& losses, const data::Batch& batch, std::int64_t step);
  void record_step(std::int64_t step, double rank, double dist, double lr);
  void finish_epoch(double seconds);
  void evaluate_epoch();
  std::string checkpoint_path(std::int64_t epoch) const;

  Stage1Options options_;
  Runtime runtime_;
  data::Dataset train_;
  data::Dataset test_;
  std::unique_ptr<RunFolder> folder_;
  torch::Tensor label_features_;  // (S + U, D)
  model::Student student_{nullptr};
  std::unique_ptr<model::DistillationPair> pair_;
  std::vector<optim::ParameterGroup> groups_;
  std::vector<torch::Tensor> trained_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::unique_ptr<data::DataLoader> train_loader_;
  std::unique_ptr<data::DataLoader> test_loader_;
  optim::CosineSchedule schedule_;
  LossScaler scaler_{false};
  std::int64_t steps_per_epoch_ = 0;
  std::int64_t epoch_ = 0;
  std::int64_t first_step_ = 0;  // of epoch_, greater than 0 after a resume
  Sums sums_;
  nlohmann::ordered_json identity_;
};

}  // namespace mkt::train
