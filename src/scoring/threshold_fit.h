#pragma once
// Fits score thresholds and writes the file that artifact/threshold_file.h reads.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/data/dataset.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {

/// Fits thresholds and a calibration to the GZSL scores, which infer computes too, and writes them to the
/// JSON file `path`: {"score", "topk" (or "local" and "local_scale"), "template", "phrases_sha256",
/// "preprocessing", "image_size", "image_sha256", "text_sha256", "images", "labels", "thresholds", "global",
/// "f1": {"thresholds": {"micro", "macro"}, "global": {…}}, "f1_cross": {…}, "calibration": {"slope",
/// "intercept", "ece": {"before", "after"}}}. "global" is one threshold for all labels; "f1_cross" has the
/// cross-validated F1, "ece" the expected calibration errors (mkt/metrics/calibration.h). `scores` describes
/// the scores in `scored`. Returns the F1 of both kinds of threshold in percent and the calibration errors,
/// one line each. Throws as metrics::fit_thresholds and metrics::fit_calibration do.
std::string write_thresholds(const std::string& path, const artifact::ThresholdScores& scores,
                             const ScoredImages& scored, const data::Dataset& dataset);

}  // namespace mkt::scoring
