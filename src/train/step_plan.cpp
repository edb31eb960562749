#include "train/step_plan.h"

#include <c10/util/Exception.h>

#include <algorithm>

namespace mkt::train {
namespace {

std::int64_t batch_of_a_rank(const TrainingOptions& options, int ranks) {
  if (options.global_batch_size == 0) return options.batch_size;
  const std::int64_t parts = ranks * options.accumulate;
  TORCH_CHECK_VALUE(options.global_batch_size % parts == 0, "global-batch-size: expected a multiple of ",
                    parts, " (", ranks, " ranks × ", options.accumulate, " accumulated batches), got ",
                    options.global_batch_size, ".");
  return options.global_batch_size / parts;
}

}  // namespace

StepPlan plan_steps(const TrainingOptions& options, std::int64_t images, int ranks) {
  StepPlan plan{batch_of_a_rank(options, ranks), options.accumulate, ranks, 0};
  plan.steps_per_epoch = images / plan.images_per_step();
  TORCH_CHECK_VALUE(plan.steps_per_epoch > 0, "batch-size: expected steps of at most ", images,
                    " images, the number of training images, got ", plan.images_per_step(), ".");
  if (options.limit_train_batches > 0) {
    plan.steps_per_epoch = std::min(plan.steps_per_epoch, options.limit_train_batches);
  }
  return plan;
}

}  // namespace mkt::train
