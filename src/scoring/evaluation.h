#pragma once
// Scoring a data set, and the numbers that the paper reports.

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
  std::string what = "scoring";           ///< the work's name in progress lines
  std::vector<data::LabelSet> sets = {};  ///< to be scored among themselves too
};

/// Scores of a data set's images, in the order of its list; images left out as broken are not in it.
struct ScoredImages {
  torch::Tensor zsl;                  ///< (N, U) float32, normalised over the unseen labels alone
  torch::Tensor gzsl;                 ///< (N, S + U) float32
  std::vector<std::int64_t> indices;  ///< N, positions in the data set's list
  std::vector<torch::Tensor> sets;    ///< of each set (N, its labels) float32, normalised over these alone

  /// All tables.
  std::vector<torch::Tensor*> tables();
};

/// Encodes and scores the images that the ranks' loaders give, each a share, and gathers all on rank 0.
/// Memory besides the result: one batch. Throws Stopped on every rank where one was asked to stop.
ScoredImages score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, session::Session& session);

/// The same for several kinds of score in one pass, in the order of `kinds`; options.kind is not looked at.
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
  std::vector<std::pair<std::string, SettingResult>> sets;  ///< the data set's, by name
  std::int64_t images = 0;
};

/// Throws ValueError where no image was scored.
EvaluationResult evaluate(const ScoredImages& scored, const data::Dataset& dataset);

/// {"zsl": {"map", "f1_3", "precision_3", …, "classes": [{"label", "ap", "positives"}]}, "gzsl": {…},
/// "sets": {name: {…}} where there are any, "images"}; without "classes" where `with_classes` is false.
nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes = true);

/// The table for people, in percent.
std::string to_table(const EvaluationResult& result);

}  // namespace mkt::scoring
