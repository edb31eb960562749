#pragma once
// Makes the data loaders for training and for the evaluation after it.

#include <memory>

#include "mkt/data/loader.h"
#include "session/session.h"
#include "train/step_plan.h"
#include "train/training_data.h"
#include "train/training_options.h"

namespace mkt::train {

struct TrainingLoaders {
  std::unique_ptr<data::DataLoader> train;  ///< shuffled and augmented according to the options
  std::unique_ptr<data::DataLoader> test;   ///< in list order, without labels
};

/// Makes the loaders for this rank's share of both splits. `image_size`: pixels per side.
TrainingLoaders make_loaders(const TrainingOptions& options, const StepPlan& plan, const TrainingData& data,
                             std::int64_t image_size, const session::Session& session);

}  // namespace mkt::train
