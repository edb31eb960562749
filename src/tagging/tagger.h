#pragma once
// A tagger scores images against labels; it is made from CLIP weights and checkpoints, or from one exported
// file.

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
  torch::Tensor thresholds;  ///< (C) float64, the least score of each label that is given; undefined: none
};

/// Checks the options' files without loading them. Throws c10::Error naming the option.
void check_tagger_files(const TaggerOptions& options);

/// The labels to choose among: the given ones, or the data set's. Throws ValueError if there are none.
std::vector<std::string> choose_labels(const TaggerOptions& options);

/// The features of labels that choose_labels gave, (C, D) float32 on the runtime's device: the data set's
/// own, cached, or encoded. Throws as encode_labels and load_label_features do.
torch::Tensor choose_label_features(const TaggerOptions& options, const std::vector<std::string>& labels,
                                    const clip::TensorMap& clip, const session::Runtime& runtime);

/// The scores that thresholds must have been fitted to.
artifact::ThresholdScores threshold_scores(const TaggerOptions& options);

/// The tagger made from weights, checkpoints and labels. Throws c10::Error naming the file or option that
/// does not fit.
Tagger make_tagger(const TaggerOptions& options, const session::Runtime& runtime);

/// The tagger in the file `options.model`. The options' thresholds are used if the file has none. Throws as
/// read_exported_model does, and ValueError naming thresholds or min-score if the file holds thresholds too.
Tagger load_exported_model(const InferOptions& options, const session::Runtime& runtime);

/// Scores of B images from the encoder's features, (B, C).
torch::Tensor scores_of(const Tagger& tagger, const model::ImageFeatures& features);

}  // namespace mkt::tagging
