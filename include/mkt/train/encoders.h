#pragma once
// Image encoders for evaluation and inference.

#include <string>

#include "mkt/clip/vision.h"
#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"
#include "mkt/train/options.h"
#include "mkt/train/runtime.h"

namespace mkt::train {

/// CLIP's weights, at the input size asked for (positions interpolated, which the log says).
clip::TensorMap load_clip(const ClipOptions& options);

/// The image encoder of a stage-1 checkpoint or, where `checkpoint` is empty, CLIP's own; on the runtime's
/// device, in its precision. Throws c10::Error naming the file that does not fit.
clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const ClipOptions& options,
                                             const std::string& checkpoint, const Runtime& runtime);

/// "auto": MKT's score for a tuned image encoder, the global one for plain CLIP.
model::ScoreKind choose_score(const std::string& name, bool tuned);

/// Throws c10::Error naming the flag where the file does not exist. An empty path passes.
void require_file(const std::string& flag, const std::string& path);

}  // namespace mkt::train
