#pragma once
// Identity of a training run: the values that its outcome depends on.

#include <nlohmann/json.hpp>

#include "train/step_plan.h"
#include "train/training_data.h"
#include "train/training_options.h"

namespace mkt::train {

/// Everything that a run's outcome depends on, by name: the stage's own values (Stage::identity), options,
/// sizes and digests of the data. Written into states; a resumed run must have the same.
nlohmann::ordered_json run_identity(const nlohmann::ordered_json& of_stage, const TrainingOptions& options,
                                    const StepPlan& plan, const TrainingData& data);

/// `identity` and the other values in which all ranks must agree.
nlohmann::ordered_json shared_values(const nlohmann::ordered_json& identity, const TrainingOptions& options,
                                     const TrainingData& data);

}  // namespace mkt::train
