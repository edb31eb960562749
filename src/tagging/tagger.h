#pragma once
// Scores images against labels. A tagger is loaded from CLIP weights and checkpoints, or from an exported
// model.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/image/preprocessing.h"
#include "mkt/model/scores.h"
#include "session/runtime.h"
#include "tagging/tagger_options.h"

namespace mkt::tagging {

/// Labels, encoder and options that determine an image's scores.
struct Tagger {
  std::vector<std::string> labels;  ///< C labels
  torch::Tensor label_features;     ///< (C, D) float32 on the runtime's device
  clip::FrozenVisionEncoder encoder;
  model::LocalPooling local;  ///< of patches to local scores
  model::ScoreRule score = model::ScoreKind::kCosine;
  image::Preprocessing preprocessing;  ///< of images
  artifact::Thresholds thresholds;     ///< minimum score per label; its tensor may be undefined
  double seen_penalty = 0;             ///< of the first `seen_labels` labels (scoring/seen_penalty.h)
  std::int64_t seen_labels = 0;
};

/// How a tagger's scores are computed and described.
struct ScoreChoice {
  artifact::ThresholdScores scores;
  model::ScoreRule rule;
  std::int64_t seen_labels = 0;  ///< number of labels that the penalty applies to
};

/// Chooses the score of the options for `labels`. Throws ValueError naming score, statistics or seen-penalty
/// for options that do not fit together, and as scoring::read_statistics() does.
ScoreChoice choose_scores(const TaggerOptions& options, const std::vector<std::string>& labels,
                          const clip::Weights& clip, const clip::Weights& image_side,
                          const image::Preprocessing& preprocessing);

/// Checks that the options' files exist and have the right kind. Throws c10::Error naming the option.
void check_tagger_files(const TaggerOptions& options);

/// Returns the labels to score: those listed in the options, or the data set's. Throws ValueError if there
/// are none or one is empty, c10::Error naming a label file without labels.
std::vector<std::string> choose_labels(const TaggerOptions& options);

/// Returns the features of the labels from choose_labels(), (C, D) float32 on the runtime's device: from the
/// data set's own file or the cache, or encoded. Throws as labels::encode_labels and
/// labels::load_label_features do.
torch::Tensor choose_label_features(const TaggerOptions& options, const std::vector<std::string>& labels,
                                    const clip::Weights& clip, const session::Runtime& runtime);

/// Chooses the preprocessing of images and logs it if it is not MKT's. Throws as
/// artifact::tuned_preprocessing() does.
image::Preprocessing choose_preprocessing(const TaggerOptions& options, const clip::Weights& clip);

/// Makes a tagger from CLIP weights, checkpoints and labels. Throws c10::Error or ValueError naming the
/// invalid file or option.
Tagger make_tagger(const TaggerOptions& options, const session::Runtime& runtime);

/// Throws ValueError naming the option if `top` or `min_score` is given: it would have no effect beside
/// `thresholds`, which describes their source for the message.
void refuse_limits(const InferOptions& options, const std::string& thresholds);

/// Makes a tagger from the exported model `options.model`. The options' thresholds are used if the model has
/// none. Throws as artifact::read_exported_model and refuse_limits() do, and ValueError naming thresholds if
/// the model has thresholds as well.
Tagger load_exported_model(const InferOptions& options, const session::Runtime& runtime);

/// Computes the scores of B images from the features that the tagger's encoder computed: (B, C) float32.
torch::Tensor scores_of(const Tagger& tagger, const model::ImageFeatures& features);

}  // namespace mkt::tagging
