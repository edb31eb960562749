#pragma once
// Evaluates mixtures of CLIP and a checkpoint for several shares of the checkpoint.

#include <string>
#include <vector>

#include "mkt/clip/weights.h"
#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "scoring/evaluation.h"
#include "session/session.h"

namespace mkt::report {

/// What a sweep evaluates. References must outlive the call.
struct AlphaSweep {
  const std::vector<double>& alphas;  ///< shares of the checkpoint, each in [0, 1]
  const std::string& json;            ///< file for the metrics; empty: none
  const data::Dataset& dataset;
  const clip::Weights& clip;   ///< CLIP
  const clip::Weights& tuned;  ///< image encoder of the checkpoint, under OpenAI's names
  const scoring::ScoringOptions& scoring;
  const scoring::MetricOptions& metrics;
};

/// Throws ValueError ("alpha: …") unless the numbers are distinct and in [0, 1].
void check_alphas(const std::vector<double>& alphas);

/// Scores the images of `loader` once per alpha with the image encoder (1 − alpha)·CLIP + alpha·checkpoint
/// (model::mixed_weights); labels, preprocessing and kind of score are the same for all. Rank 0 writes
/// {"sweep": [{"alpha", …}]} with the metrics of scoring::to_json() without classes, and returns a line
/// "alpha 0.5" and a table per alpha; other ranks return "". Throws as check_alphas() and
/// scoring::score_images() do.
std::string sweep_alphas(const AlphaSweep& sweep, data::DataLoader& loader, session::Session& session);

}  // namespace mkt::report
