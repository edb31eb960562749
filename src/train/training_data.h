#pragma once
// Loads the data set and the CLIP weights that both stages start from.

#include "mkt/torch.h"

#include <cstdint>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/data/dataset.h"
#include "mkt/image/preprocessing.h"
#include "session/session.h"
#include "train/training_options.h"

namespace mkt::train {

/// Data that training reads from files, except checkpoints and label features.
struct TrainingData {
  data::Dataset train;
  data::Dataset test;
  clip::Weights clip;
  image::Preprocessing preprocessing;

  /// Number of seen labels, S: the labels used in training.
  std::int64_t seen_labels() const { return static_cast<std::int64_t>(train.seen.size()); }
};

/// Reads both splits of the data set and CLIP's weights, and chooses the preprocessing: for images of the
/// stage-1 `checkpoint`, or without one for a new image encoder. Throws c10::Error listing everything that is
/// missing from the data set.
TrainingData load_training_data(const TrainingOptions& options, const std::string& checkpoint,
                                const session::Session& session);

}  // namespace mkt::train
