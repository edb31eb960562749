#pragma once
// A whole training run of a stage, assembled from the user's options.

#include <string>

#include "session/session.h"
#include "train/stage.h"
#include "train/training_data.h"
#include "train/training_options.h"

namespace mkt::train {

/// Trains `stage` to the last epoch, from a state if options.resume says so, and returns the last
/// checkpoint's path. `resolved` is the text of resolved.toml. Every rank calls it. Throws before the first
/// step whatever is wrong with options, data or the output folder: ValueError for options, c10::Error for
/// files; later as Trainer::run does.
std::string run_training(const TrainingOptions& options, const std::string& resolved,
                         const TrainingData& data, Stage& stage, session::Session& session);

}  // namespace mkt::train
