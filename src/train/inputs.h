#pragma once
// What both stages read before they begin.

#include "mkt/core/torch.h"

#include <string>
#include <vector>

#include "mkt/clip/vision.h"
#include "mkt/clip/weights.h"
#include "mkt/data/nus_wide.h"
#include "mkt/train/options.h"
#include "mkt/train/session.h"

namespace mkt::train {

struct TrainingInputs {
  data::Dataset train;
  data::Dataset test;
  clip::TensorMap clip;

  std::int64_t seen() const { return static_cast<std::int64_t>(train.seen.size()); }
};

/// How a rank reads a data set: the images are looked for once a node. `limit`: of the test images; 0: all.
data::NusWideOptions reading_options(const DataOptions& data, std::int64_t limit, const Session& session);

/// Throws c10::Error with everything that is missing: the run must not find out hours later.
TrainingInputs load_inputs(const TrainingOptions& options, const Session& session);

/// Throws ValueError naming --topk where images have fewer patches.
void check_topk(std::int64_t topk, const clip::VisionOptions& vision);

/// SHA-256 over the values of a CPU tensor, and over names and sets: by which a resumed run knows its inputs
/// again.
std::string digest(const torch::Tensor& tensor);
std::string digest(const std::vector<std::string>& names);
std::string digest(const std::vector<data::LabelSet>& sets);

}  // namespace mkt::train
