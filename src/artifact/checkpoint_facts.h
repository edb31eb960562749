#pragma once
// Properties of a checkpoint's training that its tensors, named as published, do not show. They are stored in
// a small JSON file beside it.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "mkt/clip/weights.h"
#include "mkt/image/preprocessing.h"
#include "mkt/model/pooling.h"
#include "mkt/model/scores.h"

namespace mkt::artifact {

/// Path of the JSON file: "model_epoch_3.pth" → "model_epoch_3.pth.json".
std::string checkpoint_facts_path(const std::string& checkpoint);

/// The computation of `clip`: {"input_size", "vision": {"activation", "heads", "layer_norm_epsilon"},
/// "text": {…}}.
nlohmann::ordered_json used_architecture(const clip::Weights& clip);

/// Whether both encoders are computed as OpenAI's: QuickGELU, heads 64 wide, ε 1e-5.
bool has_openai_architecture(const clip::Weights& clip);

/// Writes the file beside `checkpoint`: name of the CLIP file, activations, heads, ε, input size,
/// preprocessing, pooling of patches, and, unless it is null, the `loss` of its training. Throws c10::Error
/// naming the file if it cannot be written.
void write_checkpoint_facts(const std::string& checkpoint, const clip::Weights& clip,
                            const image::Preprocessing& preprocessing, const model::LocalPooling& pooling,
                            const nlohmann::ordered_json& loss = nullptr);

/// Warns if images are scored in another way than in the checkpoint's training: with another pooling of
/// patches, if the score has one, or the asymmetric loss's checkpoint with another score than kMeanCosine. No
/// warning if the file beside the checkpoint does not state it, or there is no checkpoint.
void warn_of_other_scores(const std::string& checkpoint, model::ScoreKind kind,
                          const model::LocalPooling& pooling);

/// Writes the file beside `output`, a checkpoint computed from `source` and others: the properties of
/// `source` and those of `origin`. If there is no file beside `source`, removes the one beside `output`,
/// which belonged to another checkpoint. Throws c10::Error naming the file if it is malformed or cannot be
/// written.
void derive_checkpoint_facts(const std::string& output, const std::string& source,
                             const nlohmann::ordered_json& origin);

/// Throws c10::Error naming `other` unless the files beside both checkpoints state the same input size,
/// computation, preprocessing and pooling; warns if one of the files is absent, or states another loss.
void check_same_facts(const std::string& checkpoint, const std::string& other);

/// Whether both tensors are equal once rounded to a dtype that holds one of them exactly.
bool same_origin(const torch::Tensor& a, const torch::Tensor& b);

/// Preprocessing that a checkpoint was trained with; nullopt if there is no file beside it.
std::optional<image::Preprocessing> trained_preprocessing(const std::string& checkpoint);

/// Throws c10::Error naming the checkpoint unless it was trained from `clip`: the tensors that its stage
/// never trains must be equal up to the dtype of either file, and the properties in the file beside it must
/// be those of `clip`. Warns if there is no such file, as beside the original's checkpoints. `tensors`: the
/// checkpoint's, under OpenAI's names.
void check_trained_from(const clip::Weights& clip, const std::string& checkpoint,
                        const weights::TensorMap& tensors);

}  // namespace mkt::artifact
