#pragma once
// The numbers of a run as records of metrics.jsonl and as text for people.

#include "mkt/torch.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/epoch_sums.h"
#include "train/step.h"

namespace mkt::train {

/// Facts about a finished epoch that only the trainer knows.
struct EpochFacts {
  double lr = 0;
  double seconds = 0;      ///< since this process began the epoch or resumed in it
  double memory_mib = 0;   ///< peak of this process
  std::string checkpoint;  ///< path of the epoch's checkpoint
};

/// Adds up the steps of an epoch, and says what happened as JSON and as text. Writes nothing.
class StepLog {
 public:
  /// `image_names`: the training images by index; must outlive this. `has_distillation`: records have
  /// "dist_loss".
  StepLog(const std::vector<std::string>& image_names, bool has_distillation);

  /// Starts the sums of `epoch`, after a resume from those of the earlier process.
  void begin_epoch(std::int64_t epoch, const EpochSums& sums = {});
  /// Forgets the batches of the previous step.
  void begin_step();
  /// Remembers a batch of this rank until the next step, to name its images if the step fails. `loss`: the
  /// batch's total, a scalar.
  void add_batch(const torch::Tensor& loss, const std::vector<std::int64_t>& indices);
  /// Names of the images of the step's batches; of those whose loss is not finite if `only_bad_losses`.
  std::vector<std::string> images_of_step(bool only_bad_losses) const;

  /// Adds a step to the sums and returns its record.
  nlohmann::ordered_json add_step(const StepResult& result, std::int64_t step, double lr);
  /// The record of a finished epoch.
  nlohmann::ordered_json epoch_record(const EpochFacts& facts) const;
  /// "epoch 3: loss 0.9312, 14.2 images/s, checkpoint model_3.pth".
  std::string epoch_text(const EpochFacts& facts) const;
  /// "loss 0.9312, lr 0.001" beside a progress bar.
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
  std::int64_t images_here_ = 0;  // of this epoch, in this process
  std::vector<StepBatch> batches_;
};

}  // namespace mkt::train
