#pragma once
// Image encoders for evaluation and inference, and the loaders that feed them.

#include <string>

#include "artifact/input_options.h"
#include "io/file_checks.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"
#include "mkt/text/tokenizer.h"
#include "session/runtime.h"

namespace mkt::artifact {

/// CLIP's weights, at the input size asked for (positions interpolated, which the log says). Throws
/// c10::Error saying what the file is where it is no CLIP that can be used.
clip::TensorMap load_clip(const ClipOptions& options);

/// The tensors (visual.*, OpenAI's names) of the image encoder of a stage-1 checkpoint or, where `checkpoint`
/// is empty, CLIP's own. Throws c10::Error naming the file that does not fit.
clip::TensorMap load_image_weights(const clip::TensorMap& clip, const ClipOptions& options,
                                   const std::string& checkpoint);

/// The image encoder of a stage-1 checkpoint or, where `checkpoint` is empty, CLIP's own; on the runtime's
/// device, in its precision. Throws c10::Error naming the file that does not fit.
clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const ClipOptions& options,
                                             const std::string& checkpoint, const session::Runtime& runtime);

/// The token embedding, whose rows are needed once for the vocabulary's size and once as the table. Throws
/// c10::Error naming `file` where it is not in it.
const torch::Tensor& token_table(const clip::TensorMap& clip, const std::string& file);

/// The tokenizer for the vocabulary of `clip`, weights with OpenAI's names.
text::Tokenizer make_tokenizer(const clip::TensorMap& clip, const ClipOptions& options);

/// Throws ValueError naming --topk where images have fewer patches.
void check_topk(std::int64_t topk, const clip::VisionOptions& vision);

/// "auto": MKT's score for a tuned image encoder, the global one for plain CLIP.
model::ScoreKind choose_score(const std::string& name, bool tuned);

}  // namespace mkt::artifact
