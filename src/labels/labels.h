#pragma once
// Encodes label names as features, which are compared with image features.

#include "mkt/torch.h"

#include <optional>
#include <string>
#include <vector>

#include "labels/label_cache.h"
#include "labels/phrases.h"
#include "mkt/clip/weights.h"
#include "mkt/text/tokenizer.h"
#include "session/session.h"

namespace mkt::labels {

/// Encodes labels with CLIP's text encoder, or with a text encoder tuned by stage 2.
class LabelEncoder {
 public:
  /// `clip`: the weights at inputs.clip_path. With a stage-2 checkpoint the tokens of the label itself keep
  /// CLIP's embeddings, as in training. Throws c10::Error naming the file whose contents do not match.
  LabelEncoder(const clip::Weights& clip, const LabelInputs& inputs, const session::Runtime& runtime);

  /// Encodes `labels`: (C, D) float32 on the runtime's device, not normalised. Throws ValueError if `labels`
  /// is empty.
  torch::Tensor encode(const std::vector<std::string>& labels) const;

  /// Computes text_digest() of the weights in memory.
  TextDigests digests() const;

 private:
  torch::Tensor encode_texts(const std::string& prompt_template, const std::vector<std::string>& texts) const;

  session::Runtime runtime_;
  std::string template_;
  std::optional<Phrases> phrases_;
  text::Tokenizer tokenizer_;
  clip::Weights clip_;
  std::optional<clip::Weights> checkpoint_;  // the stage-2 checkpoint
};

/// Returns the features of inputs.labels, (C, D) float32 on the runtime's device, either from the cache, or
/// encoded and then cached. Both are bit-identical; a cache hit reads none of the text encoder's tensors.
/// Throws as LabelEncoder does, and ValueError for phrases together with a stage-2 checkpoint.
torch::Tensor encode_labels(const LabelInputs& inputs, const clip::Weights& clip,
                            const session::Runtime& runtime);

/// Same on every rank of the session: rank 0 encodes the labels and sends the features to the other ranks.
torch::Tensor encode_labels(const LabelInputs& inputs, const clip::Weights& clip, session::Session& session);

/// Loads the features of a data set's labels (inputs.labels: seen, then unseen), (S + U, D) float32 on the
/// runtime's device. Without a stage-2 checkpoint they are read from data::label_features_path, if that file
/// exists; otherwise encode_labels() computes them. The file is checked by the facts beside it
/// (label_facts.h); without facts, a warning is logged. Throws c10::Error naming the file if its shape,
/// labels or weights do not match, and ValueError if the template or phrases do not, or if they are set but
/// the file has no facts.
torch::Tensor load_label_features(const std::string& data_path, const LabelInputs& inputs,
                                  const clip::Weights& clip, const session::Runtime& runtime);

/// Same on every rank of the session: rank 0 reads or encodes the features and sends them to the other ranks.
torch::Tensor load_label_features(const std::string& data_path, const LabelInputs& inputs,
                                  const clip::Weights& clip, session::Session& session);

/// Computes the features of a data set's labels as encode_labels() does and writes them to `output`, or if it
/// is empty to data::label_features_path; then writes the facts about them (label_facts.h). `inputs` has
/// everything except the labels. Returns the path. Throws
/// as encode_labels() does, and c10::Error ("output: …") if the file cannot be written.
std::string write_label_features(const std::string& data_path, const std::string& output, LabelInputs inputs,
                                 const session::Runtime& runtime);

}  // namespace mkt::labels
