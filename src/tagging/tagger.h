#pragma once
// A tagger scores images against labels. It is made from CLIP weights and checkpoints, or from an exported
// model.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/model/scores.h"
#include "session/runtime.h"
#include "tagging/tagger_options.h"

namespace mkt::tagging {

/// Everything that determines an image's scores.
struct Tagger {
  std::vector<std::string> labels;  ///< C labels
  torch::Tensor label_features;     ///< (C, D) float32 on the runtime's device
  clip::FrozenVisionEncoder encoder;
  std::int64_t topk = 0;  ///< best patches of an image per label
  model::ScoreKind score = model::ScoreKind::kGlobal;
  torch::Tensor thresholds;  ///< (C) float64: the lowest score with which a label is given; may be undefined
};

/// Checks that the options' files exist and have the right kind. Throws c10::Error naming the option.
void check_tagger_files(const TaggerOptions& options);

/// The labels to choose among: those that the options list, or the data set's. Throws ValueError if there are
/// none or one is empty, c10::Error naming a label file without labels.
std::vector<std::string> choose_labels(const TaggerOptions& options);

/// The features of the labels from choose_labels, (C, D) float32 on the runtime's device: the data set's own
/// file, the cache's, or encoded. Throws as labels::encode_labels and labels::load_label_features do.
torch::Tensor choose_label_features(const TaggerOptions& options, const std::vector<std::string>& labels,
                                    const clip::TensorMap& clip, const session::Runtime& runtime);

/// The scores that thresholds for these options must have been fitted to.
artifact::ThresholdScores threshold_scores(const TaggerOptions& options);

/// Makes a tagger from CLIP weights, checkpoints and labels. Throws c10::Error or ValueError naming the file
/// or option that does not fit.
Tagger make_tagger(const TaggerOptions& options, const session::Runtime& runtime);

/// Makes a tagger from the exported model `options.model`. The options' thresholds apply if the model has
/// none. Throws as artifact::read_exported_model does, and ValueError naming thresholds or min-score if the
/// model has thresholds as well.
Tagger load_exported_model(const InferOptions& options, const session::Runtime& runtime);

/// Scores of B images, whose features the tagger's encoder computed: (B, C) float32.
torch::Tensor scores_of(const Tagger& tagger, const model::ImageFeatures& features);

}  // namespace mkt::tagging
