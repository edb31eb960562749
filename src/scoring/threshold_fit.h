#pragma once
// Fits score thresholds; artifact/threshold_file.h reads the file written here.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/data/dataset.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {

/// Fits thresholds to the GZSL scores (over all labels, as infer computes them) and writes the file `path`:
/// {"score", "topk", "template", "images", "labels", "thresholds", "global", "f1": {"thresholds": {"micro",
/// "macro"}, "global": {…}}, "f1_cross": {…}}. Returns both F1 scores in words, in percent. `scores`: how the
/// images were scored.
std::string write_thresholds(const std::string& path, const artifact::ThresholdScores& scores,
                             const ScoredImages& scored, const data::Dataset& dataset);

}  // namespace mkt::scoring
