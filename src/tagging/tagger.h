#pragma once
// All that scores pictures against labels, of CLIP weights and checkpoints or of one exported file.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/model/scores.h"
#include "session/runtime.h"
#include "tagging/tagger_options.h"

namespace mkt::tagging {

struct Tagger {
  std::vector<std::string> labels;  ///< C
  torch::Tensor label_features;     ///< (C, D) float32 on the runtime's device
  clip::FrozenVisionEncoder encoder;
  std::int64_t topk = 0;
  model::ScoreKind score = model::ScoreKind::kGlobal;
  torch::Tensor thresholds;  ///< (C) float64: the score from which on each label is given; undefined: none
};

/// What can be found wrong with the options' files without loading them. Throws c10::Error naming the flag.
void check_tagger_files(const TaggerOptions& options);

/// The labels to choose among: given ones, or the data set's. Throws ValueError where there are none.
std::vector<std::string> choose_labels(const TaggerOptions& options);

/// The features of labels that choose_labels gave, (C, D) float32 on the runtime's device: the data set's
/// own, or of the cache, or encoded. Throws as encode_labels and load_label_features do.
torch::Tensor choose_label_features(const TaggerOptions& options, const std::vector<std::string>& labels,
                                    const clip::TensorMap& clip, const session::Runtime& runtime);

/// What thresholds have to have been fitted to, to be used with `options`.
artifact::ThresholdScores threshold_scores(const TaggerOptions& options);

/// The tagger that options describe by weights, checkpoints and labels. Throws c10::Error naming the file or
/// flag that does not fit.
Tagger make_tagger(const TaggerOptions& options, const session::Runtime& runtime);

/// The tagger that `options.model` holds. options.thresholds counts where the file has none. Throws as
/// read_exported_model does, and ValueError naming --thresholds or --min-score where the file's thresholds
/// leave no room for it.
Tagger load_exported_model(const InferOptions& options, const session::Runtime& runtime);

/// (B, C) scores of what the encoder said of B images.
torch::Tensor scores_of(const Tagger& tagger, const model::ImageFeatures& features);

}  // namespace mkt::tagging
