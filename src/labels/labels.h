#pragma once
// From label names to the features that images are compared with.

#include "mkt/torch.h"

#include <optional>
#include <string>
#include <vector>

#include "labels/label_cache.h"
#include "labels/label_emb_options.h"
#include "labels/phrases.h"
#include "mkt/clip/weights.h"
#include "mkt/text/tokenizer.h"
#include "session/session.h"

namespace mkt::labels {

/// Encodes labels with CLIP's text encoder, or with one tuned by stage 2.
class LabelEncoder {
 public:
  /// `clip`: weights with OpenAI's names. `txt_ckpt`: a stage-2 checkpoint, or empty. With one, the label's
  /// own tokens keep CLIP's embeddings, as in training. Throws c10::Error naming the file that does not fit.
  LabelEncoder(const clip::TensorMap& clip, const artifact::ClipOptions& options, const std::string& txt_ckpt,
               const session::Runtime& runtime);

  /// (C, D) float32 on the runtime's device, not normalised.
  torch::Tensor encode(const std::vector<std::string>& labels) const;

  /// Of the very tensors that it computes with.
  TextDigests digests() const;

 private:
  torch::Tensor encode_texts(const std::string& prompt_template, const std::vector<std::string>& texts) const;

  session::Runtime runtime_;
  std::string template_;
  std::optional<Phrases> phrases_;
  text::Tokenizer tokenizer_;
  std::string file_;  // that checkpoint_, or else clip_, is from
  clip::TensorMap clip_;
  clip::TensorMap checkpoint_;  // empty where nothing is tuned
};

/// Features of any labels, (C, D) float32 on the runtime's device, from the cache where it has them; what is
/// encoded is kept there. Bit for bit the same either way. Where the cache has them, no tensor of the text
/// side is touched. Throws as LabelEncoder, and ValueError for phrases beside a stage-2 checkpoint.
torch::Tensor encode_labels(const LabelInputs& inputs, const clip::TensorMap& clip,
                            const session::Runtime& runtime);

/// Features of a data set's labels, seen then unseen: (S + U, D) float32 on the runtime's device. From
/// data::label_features_path where that exists and no stage-2 checkpoint is given; otherwise from
/// encode_labels, which the log says. Throws c10::Error naming the file where its rows or columns do not fit,
/// ValueError where it would be read and --template is not the default, which could have no effect.
torch::Tensor load_label_features(const std::string& data_path, const std::vector<std::string>& labels,
                                  const clip::TensorMap& clip, const artifact::ClipOptions& options,
                                  const std::string& txt_ckpt, const session::Runtime& runtime);

/// The same on every rank of the session: rank 0 reads or encodes them.
torch::Tensor load_label_features(const std::string& data_path, const std::vector<std::string>& labels,
                                  const clip::TensorMap& clip, const artifact::ClipOptions& options,
                                  const std::string& txt_ckpt, session::Session& session);

/// Encodes the labels of `options.data_path` and writes them there; returns the file's path. That the file
/// can be written is found out first.
std::string write_label_features(const LabelEmbOptions& options);

}  // namespace mkt::labels
