#pragma once
// Digests that tell which encoders scores and label features come from.

#include "mkt/torch.h"

#include <cstdint>
#include <string>

#include "artifact/threshold_file.h"
#include "labels/label_cache.h"
#include "mkt/clip/weights.h"

namespace mkt::labels {

/// Digest of the text side that encodes labels: values and computation (activation, heads, ε) of CLIP's text
/// encoder, and of the stage-2 checkpoint if there is one. Digests of single files are cached if inputs.cache
/// is set.
std::string text_side_digest(const LabelInputs& inputs, const clip::Weights& clip);

/// Digest of the image encoder in `image_side`: values and computation. Cached as above.
std::string image_side_digest(const LabelInputs& inputs, const clip::Weights& image_side);

/// Describes scores of this kind for threshold files. `image_side` holds the image encoder; its size is the
/// images'.
artifact::ThresholdScores threshold_scores(model::ScoreKind kind, const model::LocalPooling& local,
                                           const image::Preprocessing& preprocessing,
                                           const LabelInputs& inputs, const clip::Weights& clip,
                                           const clip::Weights& image_side);

}  // namespace mkt::labels
