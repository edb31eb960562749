#pragma once
// From label names to the features that images are compared with.

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

/// Encodes labels with CLIP's text encoder, or with one tuned by stage 2.
class LabelEncoder {
 public:
  /// `clip`: weights with OpenAI's names, read from inputs.clip_path. With a stage-2 checkpoint the label's
  /// own tokens keep CLIP's embeddings, as in training. Throws c10::Error naming the file that does not fit.
  LabelEncoder(const clip::TensorMap& clip, const LabelInputs& inputs, const session::Runtime& runtime);

  /// (C, D) float32 on the runtime's device, not normalised.
  torch::Tensor encode(const std::vector<std::string>& labels) const;

  /// Digests of the tensors in memory.
  TextDigests digests() const;

 private:
  torch::Tensor encode_texts(const std::string& prompt_template, const std::vector<std::string>& texts) const;

  session::Runtime runtime_;
  std::string template_;
  std::optional<Phrases> phrases_;
  text::Tokenizer tokenizer_;
  std::string file_;  // of checkpoint_, or else of clip_
  clip::TensorMap clip_;
  clip::TensorMap checkpoint_;  // empty if nothing is tuned
};

/// Features of inputs.labels, (C, D) float32 on the runtime's device: from the cache, or encoded and then
/// cached. Both ways give the same bits; a cache hit touches no tensor of the text side. Throws as
/// LabelEncoder, and ValueError for phrases together with a stage-2 checkpoint.
torch::Tensor encode_labels(const LabelInputs& inputs, const clip::TensorMap& clip,
                            const session::Runtime& runtime);

/// Features of a data set's labels (inputs.labels: seen, then unseen), (S + U, D) float32 on the runtime's
/// device. They are read from data::label_features_path if that file exists and there is no stage-2
/// checkpoint; otherwise encode_labels makes them, which is logged. Throws c10::Error naming the file if its
/// rows or columns do not fit, ValueError if it would be read and the template is not the default, which
/// would have no effect.
torch::Tensor load_label_features(const std::string& data_path, const LabelInputs& inputs,
                                  const clip::TensorMap& clip, const session::Runtime& runtime);

/// The same on every rank of the session: rank 0 reads or encodes them.
torch::Tensor load_label_features(const std::string& data_path, const LabelInputs& inputs,
                                  const clip::TensorMap& clip, session::Session& session);

}  // namespace mkt::labels
