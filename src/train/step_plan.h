#pragma once
// Plans a run's steps: images per batch, batches per step, steps per epoch.

#include <cstdint>

#include "train/training_options.h"

namespace mkt::train {

/// Division of the training images into steps, ranks and batches.
struct StepPlan {
  std::int64_t batch_size = 0;  ///< images per batch on each rank
  std::int64_t accumulate = 1;  ///< batches per step on each rank
  int ranks = 1;
  std::int64_t steps_per_epoch = 0;

  /// Images per step over all ranks.
  std::int64_t images_per_step() const { return batch_size * accumulate * ranks; }
};

/// Plans epochs of `images` images: as many whole steps as one process with the same number of images per
/// step would run, at most options.limit_train_batches. Throws ValueError if the global batch size is not a
/// multiple of ranks × accumulate, or if a step needs more images than there are.
StepPlan plan_steps(const TrainingOptions& options, std::int64_t images, int ranks);

}  // namespace mkt::train
