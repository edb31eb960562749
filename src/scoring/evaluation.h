#pragma once
// Scores the images of a data set and computes the metrics that the paper reports.

#include "mkt/torch.h"

#include <functional>
#include <nlohmann/json.hpp>
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

/// How images are scored against labels.
struct ScoringOptions {
  torch::Tensor label_features;  ///< (S + U, D) float32, on the runtime's device
  std::int64_t seen = 0;         ///< S, number of seen labels
  std::int64_t topk = 16;        ///< best patches of an image per label
  model::ScoreKind kind = model::ScoreKind::kMkt;
  std::string what = "scoring";           ///< title of the progress line
  std::vector<data::LabelSet> sets = {};  ///< named label sets, each also scored on its own
};

/// Scores of a data set's images in the order of its list, without unreadable images.
struct ScoredImages {
  torch::Tensor zsl;                  ///< (N, U) float32, normalised over the unseen labels
  torch::Tensor gzsl;                 ///< (N, S + U) float32, normalised over all labels
  std::vector<std::int64_t> indices;  ///< N positions in the data set's list, ascending
  std::vector<torch::Tensor> sets;    ///< for each set (N, its labels) float32, normalised over the set

  /// Pointers to zsl, gzsl and the sets' tables.
  std::vector<torch::Tensor*> tables();
};

/// Encodes and scores the images of `loader`, which gives each rank its share, and gathers the scores on rank
/// 0; other ranks get an empty result. Needs memory for one batch in addition to the result. Throws Stopped
/// on every rank if a signal asked one of them to stop, and ValueError if options.topk does not fit.
ScoredImages score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, session::Session& session);

/// The same for several kinds of score with one pass of the encoder: one result for each of `kinds`, in their
/// order. options.kind is ignored.
std::vector<ScoredImages> score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                                       const ScoringOptions& options,
                                       const std::vector<model::ScoreKind>& kinds, session::Session& session);

/// Metrics of one setting (ZSL, GZSL or a label set), as fractions of 1.
struct SettingResult {
  double map = 0;                   ///< mean of average_precision
  metrics::F1 f1_3;                 ///< of the 3 best labels of each image
  metrics::F1 f1_5;                 ///< of the 5 best labels of each image
  torch::Tensor average_precision;  ///< (C) float64
  torch::Tensor positives;          ///< (C) int64, number of images with the label
};

/// Metrics of all settings.
struct EvaluationResult {
  SettingResult zsl;
  SettingResult gzsl;
  std::vector<std::pair<std::string, SettingResult>> sets;  ///< the data set's label sets, by name
  std::int64_t images = 0;                                  ///< number of scored images
};

/// Computes the metrics of `scored` from the labels of `dataset`, whose images were scored. Throws ValueError
/// if no image was scored. Source: BiAM's evaluation, as the paper uses it.
EvaluationResult evaluate(const ScoredImages& scored, const data::Dataset& dataset);

/// The metrics as JSON: {"zsl": {"map", "f1_3", "precision_3", …, "classes": [{"label", "ap", "positives"}]},
/// "gzsl": {…}, "sets": {name: {…}}, "images"}. "sets" is left out if there are none, "classes" if
/// `with_classes` is false.
nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes = true);

/// The metrics as a table, in percent, with one row per setting.
std::string to_table(const EvaluationResult& result);

}  // namespace mkt::scoring
