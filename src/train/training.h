#pragma once
// Runs the whole training of a stage with the user's options.

#include <string>

#include "session/session.h"
#include "train/stage.h"
#include "train/training_data.h"
#include "train/training_options.h"

namespace mkt::train {

/// Trains `stage` to the last epoch, from a saved state if options.resume is set, and returns the last
/// checkpoint's path. `resolved` is the text of resolved.toml. Every rank calls it. Reports errors in
/// options, data and output folder before the first step: ValueError for options, c10::Error for files. Later
/// throws as Trainer::run() does.
std::string run_training(const TrainingOptions& options, const std::string& resolved,
                         const TrainingData& data, Stage& stage, session::Session& session);

}  // namespace mkt::train
