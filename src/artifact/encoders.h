#pragma once
// Loads CLIP's weights, image encoders and tokenizer from files.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/clip_facts.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"
#include "mkt/text/tokenizer.h"
#include "session/runtime.h"

namespace mkt::artifact {

/// Opens CLIP weights: a file, a folder of Hugging Face or an index of shards. `given`: facts that take
/// precedence over those in the file's metadata and in the configurations beside it. Warns of an activation
/// that is nowhere stated, and of appended rows in the token embedding. Throws c10::Error naming the file or
/// the configuration if it is not a supported CLIP model, or if both contradict each other.
clip::Weights open_clip(const std::string& path, const clip::Facts& given);

/// Opens CLIP weights as open_clip() does, for images of `input_size` pixels per side; 0 keeps the size at
/// which they were trained. For another size, interpolates the position embeddings and logs this. Throws as
/// open_clip() and require_kind() do.
clip::Weights load_clip(const std::string& path, std::int64_t input_size, const clip::Facts& given);

/// Loads the image encoder from a stage-1 checkpoint. Returns `clip` if `checkpoint` is empty, with patches
/// as `patches` says. Throws ValueError ("patches: …") for kSelf with a checkpoint, which was trained
/// otherwise; c10::Error naming the checkpoint if its image size or feature width differs from CLIP's, or if
/// it was trained from other weights or as another architecture; warns if the latter is unknown
/// (checkpoint_facts.h).
clip::Weights load_image_weights(const clip::Weights& clip, const std::string& checkpoint,
                                 clip::Patches patches = clip::Patches::kLast);

/// Loads the image encoder from load_image_weights() onto the runtime's device, in its precision. Throws as
/// load_image_weights() does.
clip::FrozenVisionEncoder load_image_encoder(const clip::Weights& clip, const std::string& checkpoint,
                                             const session::Runtime& runtime,
                                             clip::Patches patches = clip::Patches::kLast);

/// Loads the text encoder from a stage-2 checkpoint. Throws c10::Error naming the checkpoint as
/// load_image_weights() does.
clip::Weights load_text_weights(const clip::Weights& clip, const std::string& checkpoint);

/// The token embedding table (vocabulary, width). Throws c10::Error naming the weights' file if they have no
/// text encoder.
const torch::Tensor& token_table(const clip::Weights& clip);

/// Makes CLIP's tokenizer. `merges` is the file of BPE merges; if it is empty, the file beside the
/// executables is read. Rows that were appended to CLIP's token embedding are not used. Throws c10::Error
/// naming the file that is missing, or the weights' file if their token embedding belongs to another
/// tokenizer.
text::Tokenizer make_tokenizer(const clip::Weights& clip, const std::string& merges);

/// Throws ValueError as model::check_pooling() does for the number of patches of an image.
void check_pooling(const model::LocalPooling& pooling, const clip::VisionOptions& vision);

/// Returns `pooling` with a scale: kTransport without one (0) takes CLIP's logit scale. Throws c10::Error
/// naming the weights' file if it lacks that.
model::LocalPooling complete_pooling(model::LocalPooling pooling, const clip::Weights& clip);

/// Returns the `requested` score or, by default, MKT's score for a tuned image encoder and several labels,
/// and the cosine otherwise. Throws ValueError ("score: …") for a relative score (model::is_relative) of one
/// label.
model::ScoreKind choose_score(std::optional<model::ScoreKind> requested, const model::LocalPooling& pooling,
                              bool tuned, std::size_t labels);

/// Returns how to compute scores of this kind. Throws c10::Error naming the weights' file if kProbability
/// needs a logit scale that it lacks.
model::ScoreRule score_rule(model::ScoreKind kind, const clip::Weights& clip);

}  // namespace mkt::artifact
