#pragma once
// Reads files of score thresholds. eval writes them, infer and prepare export read them.

#include "mkt/torch.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mkt/image/preprocessing.h"
#include "mkt/metrics/calibration.h"
#include "mkt/model/scores.h"

namespace mkt::artifact {

/// Description of the scores that thresholds are fitted to or applied to.
struct ThresholdScores {
  model::ScoreKind kind = model::ScoreKind::kMkt;
  model::LocalPooling local;    ///< of patches to local scores
  std::string prompt_template;  ///< sentence with {} in place of the label
  std::string phrases_sha256;   ///< digest of the phrases file; empty without one
  image::Preprocessing preprocessing;
  std::int64_t image_size = 0;         ///< pixels per side
  std::string image_sha256;            ///< digest of the image encoder; empty: unknown
  std::string text_sha256;             ///< digest of the text side; empty: unknown
  std::string statistics_sha256 = {};  ///< digest of the label statistics for the score standard, else empty
  double seen_penalty = 0;             ///< of seen labels, in deviations of an image's scores
};

/// Describes the scores as members of a JSON object.
nlohmann::ordered_json scores_json(const ThresholdScores& scores);

/// Compares scores_json() in `content`, which was read from the file `path`, with `scores`. Warns of weights
/// that the file does not state. Throws c10::Error naming the file for other weights, ValueError naming
/// score, local, topk, local-scale, statistics, seen-penalty, template, phrases, preprocess or input-size for
/// other scores. `what`: the file's contents, for messages, such as "thresholds".
void check_scores(const nlohmann::ordered_json& content, const ThresholdScores& scores,
                  const std::string& path, const std::string& what);

/// Thresholds, one per label, and the calibration of the same scores.
struct Thresholds {
  torch::Tensor values;                             ///< (C) float64
  std::optional<metrics::Calibration> calibration;  ///< nullopt in files of earlier versions
};

/// Reads the thresholds for `labels` from the file `path`. Files of earlier versions do not state the
/// weights, which is warned of, nor the preprocessing, which was MKT's. Throws c10::Error naming the file if
/// it is not a threshold file, or was fitted to other labels or with other weights; the message names the
/// first label that differs. Throws as check_scores() does if they were fitted to other scores.
Thresholds load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                           const ThresholdScores& scores);

}  // namespace mkt::artifact
