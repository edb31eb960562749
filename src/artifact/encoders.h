#pragma once
// CLIP's weights, image encoders and tokenizer from files.

#include <optional>
#include <string>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"
#include "mkt/text/tokenizer.h"
#include "session/runtime.h"

namespace mkt::artifact {

/// The CLIP weights in the file `path`, for images of `input_size` pixels per side (0: the weights' own;
/// otherwise the positions are interpolated, which is logged). Throws c10::Error naming the kind of file if
/// it is no supported CLIP.
clip::TensorMap load_clip(const std::string& path, std::int64_t input_size);

/// The tensors (visual.*, OpenAI's names) of the image encoder of a stage-1 checkpoint; if `checkpoint` is
/// empty, CLIP's own. `clip` was read from `clip_path`. Throws c10::Error naming the file that does not fit.
clip::TensorMap load_image_weights(const clip::TensorMap& clip, const std::string& clip_path,
                                   const std::string& checkpoint);

/// The same as an encoder on the runtime's device, in its precision.
clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const std::string& clip_path,
                                             const std::string& checkpoint, const session::Runtime& runtime);

/// The token embedding (vocabulary, width). Throws c10::Error naming `file` if it is missing.
const torch::Tensor& token_table(const clip::TensorMap& clip, const std::string& file);

/// The tokenizer for the vocabulary of `clip`, weights with OpenAI's names read from `clip_path`. `merges`:
/// the file of BPE merges; empty: the one beside the executables.
text::Tokenizer make_tokenizer(const clip::TensorMap& clip, const std::string& clip_path,
                               const std::string& merges);

/// Throws ValueError if images have fewer patches than `topk`.
void check_topk(std::int64_t topk, const clip::VisionOptions& vision);

/// The score asked for; without one, MKT's score for a tuned image encoder and the global one for plain CLIP.
model::ScoreKind choose_score(std::optional<model::ScoreKind> asked, bool tuned);

}  // namespace mkt::artifact
