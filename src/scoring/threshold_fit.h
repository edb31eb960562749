#pragma once
// Fits score thresholds and writes the file that artifact/threshold_file.h reads.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/data/dataset.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {

/// Fits thresholds to the GZSL scores, which infer computes too, and writes them to the JSON file `path`:
/// {"score", "topk", "template", "images", "labels", "thresholds", "global", "f1": {"thresholds": {"micro",
/// "macro"}, "global": {…}}, "f1_cross": {…}}. "global" is one threshold for all labels; "f1_cross" has the
/// cross-validated F1. `scores` describes the scores in `scored`. Returns the F1 of both kinds of threshold
/// in percent, one line each. Throws as metrics::fit_thresholds does.
std::string write_thresholds(const std::string& path, const artifact::ThresholdScores& scores,
                             const ScoredImages& scored, const data::Dataset& dataset);

}  // namespace mkt::scoring
