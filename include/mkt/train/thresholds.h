#pragma once
// Files of score thresholds: `eval --fit-thresholds` writes them, `infer --thresholds` reads them.

#include "mkt/core/torch.h"

#include <string>
#include <vector>

#include "mkt/data/nus_wide.h"
#include "mkt/train/evaluation.h"
#include "mkt/train/options.h"

namespace mkt::train {

/// Fits thresholds to the GZSL scores (those over all labels, which are what `infer` sees) and writes
/// `options.fit_thresholds`: {"score", "topk", "template", "images", "labels", "thresholds", "global",
/// "f1": {"thresholds": {"micro", "macro"}, "global": {…}}, "f1_cross": {…}}. Returns both in words, in
/// percent.
std::string write_thresholds(const EvalOptions& options, const ScoredImages& scored,
                             const data::Dataset& dataset);

/// (C) float64, the thresholds of `options.thresholds` for `labels`. Throws c10::Error naming the file where
/// it is none of write_thresholds or the first label that differs; ValueError naming --score, --topk or
/// --template where the scores would not be those that the thresholds were fitted to.
torch::Tensor load_thresholds(const TaggerOptions& options, const std::vector<std::string>& labels);

}  // namespace mkt::train
