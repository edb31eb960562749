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
#include "scoring/protocol.h"
#include "session/session.h"

namespace mkt::scoring {

/// Options for scoring images against labels.
struct ScoringOptions {
  torch::Tensor label_features;    ///< (S + U, D) float32, on the runtime's device
  std::int64_t seen = 0;           ///< S, number of seen labels
  model::LocalPooling local = {};  ///< of patches to local scores
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

/// F1 if the k best labels per image are predicted; all labels if there are fewer than k.
struct F1AtK {
  std::int64_t k = 0;
  metrics::F1 value;
};

/// Metrics of one setting (ZSL, GZSL, SEEN or a label set), as fractions between 0 and 1.
struct SettingResult {
  double map = 0;                   ///< mAP: mean of average_precision over the counted labels
  std::vector<F1AtK> f1;            ///< in the order of MetricOptions::k
  torch::Tensor average_precision;  ///< per label, (C) float64
  torch::Tensor positives;          ///< positive images per label, (C) int64
  torch::Tensor tied_share;  ///< share of images whose score ties with another's, per label, (C) float64
  torch::Tensor counted;     ///< whether the label counts in `map`, (C) bool
  double weighted_map = 0;   ///< mean of average_precision weighted by positives; 0 without positives
  std::optional<double> map_per_image;  ///< mean over images (metrics::precision_per_image), if asked for
  std::int64_t images = 0;              ///< number of images that count
  std::int64_t predictable = 0;         ///< number of labels that F1 chooses from

  std::int64_t all_labels() const { return positives.size(0); }
  /// Number of labels that count in `map`.
  std::int64_t labels() const;
  /// Number of counted labels without a positive image, which count as 0 in `map`, as in the published
  /// evaluations.
  std::int64_t labels_without_positives() const;
  /// Mean average precision of the other counted labels; nullopt if no label has a positive.
  std::optional<double> map_with_positives() const;
};

/// Metrics of all settings.
struct EvaluationResult {
  SettingResult zsl;
  SettingResult gzsl;
  std::vector<std::pair<std::string, SettingResult>> sets;  ///< one result per label set, with the set's name
  std::int64_t images = 0;                                  ///< number of scored images
  std::optional<SettingResult> seen;                        ///< SEEN; only with Protocol::kBiam
  MetricOptions options;                                    ///< as given to evaluate()
};

/// Computes the metrics of `scored` against the labels of `dataset`, whose images were scored, by
/// options.protocol. Needs 1 byte per image and label in addition to the scores, of which nothing is copied
/// (125,436 images and 7,586 labels: 0.95 GB beside scores of 3.8 GB), 8 bytes per label for 4,096 images,
/// and with label sets 1 byte per image and label of one set. Throws ValueError if no image was scored, or as
/// check_k() does.
EvaluationResult evaluate(const ScoredImages& scored, const data::Dataset& dataset,
                          const MetricOptions& options = {});

/// Returns rows `images` of `labels` as a dense matrix (n, C) int8. With Protocol::kBiam, rows without a
/// present label are set to 0 (not annotated), which leaves these images out of metrics over annotated
/// labels.
torch::Tensor counted_labels(const data::LabelTable& labels, const std::vector<std::int64_t>& images,
                             Protocol protocol);

/// Formats the metrics as JSON: {"zsl": {"map", "map_with_positives", "labels_without_positives", "f1_3",
/// "precision_3", "recall_3", …, "classes": [{"label", "ap", "positives", "tied_share"}]}, "gzsl": {…},
/// "sets": {name: {…}}, "images", "protocol", "k"}. The numbers in "f1_3" are those of MetricOptions::k.
/// "map_with_positives" is null if no label has a positive image, "sets" is omitted if there are none,
/// "classes" if `with_classes` is false. A setting has "map_per_image" if it was asked for, and with
/// Protocol::kBiam "weighted_map", "labels" (number of labels in "map") and "images" (number that count); the
/// setting "seen" follows "gzsl", and "ap" is null for a label that does not count.
nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes = true);

/// Returns a warning if in some setting more than 1 % of a label's images tie with another image, else "".
std::string ties_warning(const EvaluationResult& result, const data::Dataset& dataset);

/// A metric of a setting, as a table shows it.
struct MetricColumn {
  std::string name;                                   ///< "mAP", "F1@3"
  std::function<double(const SettingResult&)> value;  ///< fraction between 0 and 1
};

/// Returns the columns of a table: mAP, with Protocol::kBiam the weighted mAP ("w-mAP"), if asked for mAP
/// over images ("mAP/img"), then F1, precision and recall for each element of options.k.
std::vector<MetricColumn> metric_columns(const MetricOptions& options);

/// Returns a warning if a setting has fewer labels than an element of MetricOptions::k, so that all of them
/// are predicted, else "".
std::string k_warning(const EvaluationResult& result);

/// Formats the metrics as a table in percent, with one row per setting, and a line for each setting that has
/// labels without a positive image. With Protocol::kBiam, further lines say which images and labels count.
std::string to_table(const EvaluationResult& result);

/// Formats "ZSL mAP 12.34, F1@3 5.67; GZSL mAP …" with the first element of MetricOptions::k.
std::string headline(const EvaluationResult& result);

}  // namespace mkt::scoring
