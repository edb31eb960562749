#pragma once
// Scores a data set's images and computes the metrics that the paper reports.

#include "mkt/torch.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mkt/clip/vision_encoder.h"
#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "mkt/metrics/f1.h"
#include "mkt/model/scores.h"
#include "session/session.h"

namespace mkt::scoring {

/// Options for scoring images against labels.
struct ScoringOptions {
  torch::Tensor label_features;  ///< (S + U, D) float32, on the runtime's device
  std::int64_t seen = 0;         ///< S, number of seen labels
  model::LocalPooling local;     ///< of patches to local scores
  model::ScoreKind kind = model::ScoreKind::kMkt;
  std::string what = "scoring";           ///< title of the progress line
  std::vector<data::LabelSet> sets = {};  ///< label sets, each also scored on its own
  double logit_scale = 0;                 ///< factor on the cosine for the score probability
  /// For the score standard: statistics of the unseen labels, of all labels and of each set
  std::vector<model::LabelStatistics> statistics = {};
};

/// Encodes the images of `loader`, which are divided among the ranks, and calls `use` with each batch's raw
/// scores and the images' positions in the data set's list. Returns the number of this rank's images. Throws
/// as score_images() does.
std::int64_t score_batches(
    const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader, const ScoringOptions& options,
    session::Session& session,
    const std::function<void(const model::BranchScores&, const std::vector<std::int64_t>&)>& use);

/// Scores of a data set's images, in list order; unreadable images are left out.
struct ScoredImages {
  torch::Tensor zsl;                  ///< (N, U) float32, relative to the unseen labels
  torch::Tensor gzsl;                 ///< (N, S + U) float32, relative to all labels
  std::vector<std::int64_t> indices;  ///< N image positions in the data set's list, ascending
  std::vector<torch::Tensor> sets;    ///< one (N, labels) float32 tensor per set, relative to it

  /// Pointers to zsl, gzsl and the tensors in `sets`.
  std::vector<torch::Tensor*> tables();
};

/// Encodes and scores the images of `loader`, which are divided among the ranks, and gathers the scores on
/// rank 0; other ranks get an empty result. Needs memory for one batch in addition to the result. Throws
/// Stopped on every rank if any rank has received a stop signal, and ValueError as model::check_pooling()
/// does.
ScoredImages score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, session::Session& session);

/// Same for several kinds of score in one pass of the encoder: one result per element of `kinds`, in that
/// order. options.kind is ignored.
std::vector<ScoredImages> score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                                       const ScoringOptions& options,
                                       const std::vector<model::ScoreKind>& kinds, session::Session& session);

/// Metrics of one setting (ZSL, GZSL or a label set), as fractions between 0 and 1.
struct SettingResult {
  double map = 0;                   ///< mAP: mean of average_precision
  metrics::F1 f1_3;                 ///< F1 if the 3 best labels per image are predicted
  metrics::F1 f1_5;                 ///< F1 if the 5 best labels per image are predicted
  torch::Tensor average_precision;  ///< per label, (C) float64
  torch::Tensor positives;          ///< positive images per label, (C) int64
  torch::Tensor tied_share;  ///< share of images whose score ties with another's, per label, (C) float64

  std::int64_t labels() const { return positives.size(0); }
  /// Number of labels without a positive image, which count as 0 in `map`, as in the published evaluation.
  std::int64_t labels_without_positives() const;
  /// Mean average precision of the other labels; nullopt if no label has a positive.
  std::optional<double> map_with_positives() const;
};

/// Metrics of all settings.
struct EvaluationResult {
  SettingResult zsl;
  SettingResult gzsl;
  std::vector<std::pair<std::string, SettingResult>> sets;  ///< one result per label set, with the set's name
  std::int64_t images = 0;                                  ///< number of scored images
};

/// Computes the metrics of `scored` against the labels of `dataset`, whose images were scored. Throws
/// ValueError if no image was scored. `seen_penalty` is subtracted from the seen labels' GZSL scores before
/// the best labels per image are chosen, so that F1 moves and AP does not. Source: BiAM's evaluation, as the
/// paper uses it; calibrated stacking (arXiv 1605.04253).
EvaluationResult evaluate(const ScoredImages& scored, const data::Dataset& dataset, double seen_penalty = 0);

/// Formats the metrics as JSON: {"zsl": {"map", "map_with_positives", "labels_without_positives", "f1_3",
/// "precision_3", …, "classes": [{"label", "ap", "positives", "tied_share"}]}, "gzsl": {…}, "sets": {name:
/// {…}}, "images"}. "map_with_positives" is null if no label has a positive image, "sets" is omitted if there
/// are none, "classes" if `with_classes` is false.
nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes = true);

/// Returns a warning if in some setting more than 1 % of a label's images tie with another image, else "".
std::string ties_warning(const EvaluationResult& result, const data::Dataset& dataset);

/// Formats the metrics as a table in percent, with one row per setting, and a line for each setting that has
/// labels without a positive image.
std::string to_table(const EvaluationResult& result);

}  // namespace mkt::scoring
