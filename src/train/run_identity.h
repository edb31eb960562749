#pragma once
// Identity of a training run: the values that determine its outcome.

#include <nlohmann/json.hpp>

#include "train/step_plan.h"
#include "train/training_data.h"
#include "train/training_options.h"

namespace mkt::train {

/// Collects all values that determine a run's outcome, by name: the stage's own values (Stage::identity),
/// options, sizes and digests of the data. They are stored in run states; a resumed run must have equal
/// values.
nlohmann::ordered_json run_identity(const nlohmann::ordered_json& of_stage, const TrainingOptions& options,
                                    const StepPlan& plan, const TrainingData& data);

/// Returns `identity` and the other values that must be equal on all ranks.
nlohmann::ordered_json shared_values(const nlohmann::ordered_json& identity, const TrainingOptions& options,
                                     const TrainingData& data);

}  // namespace mkt::train
