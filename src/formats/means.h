#pragma once
// Implements prepare mix and prepare average, which compute checkpoints from others.

#include <string>
#include <vector>

#include "mkt/clip/architecture.h"

namespace mkt::formats {

/// Options for mix_checkpoint(). The command sets every field.
struct MixOptions {
  std::string clip_path;  ///< CLIP weights
  std::string ckpt_path;  ///< checkpoint of either stage
  double alpha;           ///< share of the checkpoint
  std::string output;     ///< file to write, .pth
  clip::Facts facts;      ///< facts about the CLIP weights that are given by options
};

/// Writes (1 − alpha)·CLIP + alpha·checkpoint (model::mixed_weights) as a checkpoint of the same stage, with
/// the file beside it (artifact/checkpoint_facts.h). The parts of a stage-1 checkpoint that CLIP does not
/// have (projection.*, which are not used) are the checkpoint's. Returns one line. Throws ValueError naming
/// an option; c10::Error naming a file that is not of its kind, and the checkpoint if it was trained from
/// other weights.
std::string mix_checkpoint(const MixOptions& options);

/// Writes the mean of at least two checkpoints of one stage, CLIP and preprocessing, whatever their order:
/// model::mean_of() in the order of their SHA-256. Tensors that no stage trains are the first's. Returns one
/// line. Throws ValueError naming an option; c10::Error naming a checkpoint that is of another kind than the
/// first, has other tensors, was trained from another CLIP, or is the same as another.
std::string average_checkpoints(const std::vector<std::string>& checkpoints, const std::string& output);

}  // namespace mkt::formats
