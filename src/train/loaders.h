#pragma once
// Data loaders of training and of its evaluation.

#include <memory>

#include "mkt/data/loader.h"
#include "session/session.h"
#include "train/step_plan.h"
#include "train/training_data.h"
#include "train/training_options.h"

namespace mkt::train {

struct TrainingLoaders {
  std::unique_ptr<data::DataLoader> train;  ///< shuffled and augmented as the options say
  std::unique_ptr<data::DataLoader> test;   ///< in the order of the list, without labels
};

/// Loaders of this rank's share of both splits. `image_size`: pixels per side.
TrainingLoaders make_loaders(const TrainingOptions& options, const StepPlan& plan, const TrainingData& data,
                             std::int64_t image_size, const session::Session& session);

}  // namespace mkt::train
