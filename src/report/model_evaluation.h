#pragma once
// Evaluates a model on a data set: scores the test images, and writes the result files and the report.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/preprocessing_choice.h"
#include "labels/label_cache.h"
#include "mkt/clip/architecture.h"
#include "mkt/model/scores.h"
#include "scoring/loading.h"
#include "scoring/protocol.h"
#include "session/session.h"

namespace mkt::report {

/// Files written by an evaluation; a file whose path is empty is not written.
struct ResultFiles {
  std::string json;        ///< metrics, also those per class
  std::string scores;      ///< all scores, safetensors
  std::string thresholds;  ///< score thresholds fitted to the GZSL scores
  std::string report;      ///< folder for index.html, for which plain CLIP is scored as well
};

/// Options for the label statistics of the score standard.
struct StatisticsOptions {
  std::string file;        ///< file to read; empty: computed from the data set's training images
  std::string save;        ///< file to write; may be empty
  std::int64_t limit = 0;  ///< number of training images; 0: all
};

/// Options for evaluate_model(). The command sets every field.
struct EvaluationOptions {
  std::string data_path;                        ///< data set
  std::string ckpt_path;                        ///< stage-1 checkpoint; empty: plain CLIP
  labels::LabelInputs text;                     ///< inputs of the label features, except the labels
  std::int64_t input_size;                      ///< side of the input image in pixels; 0: the weights' own
  model::LocalPooling local;                    ///< of patches; scale 0: see artifact::complete_pooling
  std::optional<model::ScoreKind> score;        ///< nullopt: the model's own (artifact::choose_score)
  artifact::PreprocessingChoice preprocessing;  ///< of images
  std::int64_t batch_size;                      ///< images per step
  std::int64_t limit;                           ///< number of test images; 0: all
  scoring::Decoding decoding;
  ResultFiles results;
  scoring::MetricOptions metrics = {};
  StatisticsOptions statistics = {};
  bool fit_seen_penalty = false;  ///< whether metrics.seen_penalty is fitted to the evaluated images
  clip::Patches patches = clip::Patches::kLast;
  /// Shares of the checkpoint in mixtures with CLIP, evaluated one by one (alpha_sweep.h); only results.json
  /// is written. Empty: the checkpoint alone.
  std::vector<double> alphas = {};
};

/// Evaluates the model on this rank's share of the test images. Rank 0 writes the result files and returns
/// the table of metrics; other ranks return "". Throws ValueError naming the option, c10::Error naming the
/// file, and Stopped on every rank if any rank has received a stop signal.
std::string evaluate_model(const EvaluationOptions& options, session::Session& session);

}  // namespace mkt::report
