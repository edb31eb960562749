#pragma once
// Fitting score thresholds; threshold_file.h reads what is written here.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "mkt/data/dataset.h"
#include "scoring/eval_options.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {

/// Fits thresholds to the GZSL scores (those over all labels, which are what `infer` sees) and writes
/// `options.fit_thresholds`: {"score", "topk", "template", "images", "labels", "thresholds", "global",
/// "f1": {"thresholds": {"micro", "macro"}, "global": {…}}, "f1_cross": {…}}. Returns both in words, in
/// percent.
std::string write_thresholds(const EvalOptions& options, const ScoredImages& scored,
                             const data::Dataset& dataset);

}  // namespace mkt::scoring
