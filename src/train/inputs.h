#pragma once
// What both stages read before they begin.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/data/dataset.h"
#include "session/session.h"
#include "train/training_options.h"

namespace mkt::train {

struct TrainingInputs {
  data::Dataset train;
  data::Dataset test;
  clip::TensorMap clip;

  std::int64_t seen() const { return static_cast<std::int64_t>(train.seen.size()); }
};

/// Throws c10::Error with everything that is missing: the run must not find out hours later.
TrainingInputs load_inputs(const TrainingOptions& options, const session::Session& session);

}  // namespace mkt::train
