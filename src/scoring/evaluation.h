#pragma once
// Scores a data set and computes the numbers that the paper reports.

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

/// How images are compared with labels.
struct ScoringOptions {
  torch::Tensor label_features;  ///< (S + U, D) float32, on the runtime's device
  std::int64_t seen = 0;         ///< S
  std::int64_t topk = 16;
  model::ScoreKind kind = model::ScoreKind::kMkt;
  std::string what = "scoring";           ///< name of the work in progress lines
  std::vector<data::LabelSet> sets = {};  ///< further label sets, each scored on its own
};

/// Scores of a data set's images, in the order of its list; unreadable images are left out.
struct ScoredImages {
  torch::Tensor zsl;                  ///< (N, U) float32, normalised over the unseen labels alone
  torch::Tensor gzsl;                 ///< (N, S + U) float32
  std::vector<std::int64_t> indices;  ///< N, positions in the data set's list
  std::vector<torch::Tensor> sets;    ///< per set (N, its labels) float32, normalised over the set

  /// All tables.
  std::vector<torch::Tensor*> tables();
};

/// Encodes and scores the images of the ranks' loaders, a share per rank, and gathers the scores on rank 0.
/// Needs the memory of one batch in addition to the result. Throws Stopped on every rank if one was asked to
/// stop.
ScoredImages score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, session::Session& session);

/// The same for several kinds of score in one pass, in the order of `kinds`; options.kind is ignored.
std::vector<ScoredImages> score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                                       const ScoringOptions& options,
                                       const std::vector<model::ScoreKind>& kinds, session::Session& session);

/// One setting's numbers, fractions of 1.
struct SettingResult {
  double map = 0;
  metrics::F1 f1_3;  ///< at the 3 best labels of each image
  metrics::F1 f1_5;
  torch::Tensor average_precision;  ///< (C) float64
  torch::Tensor positives;          ///< (C) int64, images with the label
};

struct EvaluationResult {
  SettingResult zsl;
  SettingResult gzsl;
  std::vector<std::pair<std::string, SettingResult>> sets;  ///< the data set's label sets, by name
  std::int64_t images = 0;
};

/// Throws ValueError if no image was scored.
EvaluationResult evaluate(const ScoredImages& scored, const data::Dataset& dataset);

/// {"zsl": {"map", "f1_3", "precision_3", …, "classes": [{"label", "ap", "positives"}]}, "gzsl": {…},
/// "sets": {name: {…}} if there are any, "images"}; without "classes" if `with_classes` is false.
nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes = true);

/// The same as a table, in percent.
std::string to_table(const EvaluationResult& result);

}  // namespace mkt::scoring
