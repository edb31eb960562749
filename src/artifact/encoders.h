#pragma once
// Loads CLIP's weights, image encoders and tokenizer from files.

#include <optional>
#include <string>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"
#include "mkt/text/tokenizer.h"
#include "session/runtime.h"

namespace mkt::artifact {

/// Loads the CLIP weights in the file `path` for images of `input_size` pixels per side; 0 keeps the size at
/// which they were trained. For another size, interpolates the position embeddings and logs this. Throws
/// c10::Error naming the file and its kind if it is not a supported CLIP model.
clip::TensorMap load_clip(const std::string& path, std::int64_t input_size);

/// Loads the image encoder's tensors (visual.*, OpenAI's names) from a stage-1 checkpoint. Returns `clip`,
/// which was read from `clip_path`, if `checkpoint` is empty. Throws c10::Error naming the checkpoint if its
/// image size or feature width differs from CLIP's.
clip::TensorMap load_image_weights(const clip::TensorMap& clip, const std::string& clip_path,
                                   const std::string& checkpoint);

/// Loads the image encoder with the tensors from load_image_weights() onto the runtime's device, in its
/// precision. Throws as load_image_weights() does.
clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const std::string& clip_path,
                                             const std::string& checkpoint, const session::Runtime& runtime);

/// The token embedding table (vocabulary, width) in the weights `clip`, which were read from `file`. Throws
/// c10::Error naming the file if the table is missing.
const torch::Tensor& token_table(const clip::TensorMap& clip, const std::string& file);

/// Makes the tokenizer for the vocabulary of `clip`, weights with OpenAI's names that were read from
/// `clip_path`. `merges` is the file of BPE merges; if it is empty, the file beside the executables is read.
/// Throws c10::Error naming the file that is missing or does not match the vocabulary.
text::Tokenizer make_tokenizer(const clip::TensorMap& clip, const std::string& clip_path,
                               const std::string& merges);

/// Throws ValueError ("topk: …") unless an image has at least `topk` patches.
void check_topk(std::int64_t topk, const clip::VisionOptions& vision);

/// Returns the `requested` score or, by default, MKT's score for a tuned image encoder and the global score
/// for plain CLIP.
model::ScoreKind choose_score(std::optional<model::ScoreKind> requested, bool tuned);

}  // namespace mkt::artifact
