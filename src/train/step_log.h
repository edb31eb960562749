#pragma once
// Formats a run's losses and speed as records of metrics.jsonl and as text for the log.

#include "mkt/torch.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/epoch_sums.h"
#include "train/step.h"

namespace mkt::train {

/// Values of a finished epoch that the trainer provides.
struct EpochFacts {
  double lr = 0;
  double seconds = 0;      ///< time of this process's steps, without saving and evaluating
  double waited = 0;       ///< seconds of these in which the step waited for its images
  double saved = 0;        ///< seconds of writing states and the checkpoint, before this record
  double memory_mib = 0;   ///< peak memory of this process
  std::string checkpoint;  ///< path of the epoch's checkpoint
};

/// Sums the steps of an epoch and formats them as JSON and as text. Writes nothing.
class StepLog {
 public:
  /// `image_names`: names of the training images by index; must outlive this object. `has_distillation`:
  /// whether records have "dist_loss".
  StepLog(const std::vector<std::string>& image_names, bool has_distillation);

  /// Starts `epoch` with the given sums: zero, or those of the earlier process after a resume.
  void begin_epoch(std::int64_t epoch, const EpochSums& sums = {});
  /// Discards the batches of the previous step.
  void begin_step();
  /// Stores a batch of this rank until the next step, so that its images can be named if the step fails.
  /// `loss`: the batch's total loss, a scalar.
  void add_batch(const torch::Tensor& loss, const std::vector<std::int64_t>& indices);
  /// Returns the names of the images in the step's batches; with `only_bad_losses`, only from batches whose
  /// loss is not finite.
  std::vector<std::string> images_of_step(bool only_bad_losses) const;

  /// Adds a step to the sums and returns its record.
  nlohmann::ordered_json add_step(const StepResult& result, std::int64_t step, double lr);
  /// Returns the record of a finished epoch.
  nlohmann::ordered_json epoch_record(const EpochFacts& facts) const;
  /// Formats the log line of a finished epoch: "epoch 3: loss 0.9312, 14.2 images/s, 3 % of the
  /// time waiting for images, checkpoint model_3.pth".
  std::string epoch_text(const EpochFacts& facts) const;
  /// Formats the text beside a progress bar: "loss 0.9312, lr 0.001".
  std::string progress_text(double lr) const;

  const EpochSums& sums() const { return sums_; }

 private:
  struct StepBatch {
    torch::Tensor loss;  // scalar
    std::vector<std::int64_t> indices;
  };

  double images_per_second(const EpochFacts& facts) const;

  const std::vector<std::string>& image_names_;
  bool has_distillation_;
  std::int64_t epoch_ = 0;
  EpochSums sums_;
  std::int64_t images_here_ = 0;  // images of this epoch that this process has trained on
  std::vector<StepBatch> batches_;
};

}  // namespace mkt::train
