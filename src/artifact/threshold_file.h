#pragma once
// Files of score thresholds: `eval --fit-thresholds` writes them, `infer --thresholds` reads them.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/model/scores.h"

namespace mkt::artifact {

/// The scores that thresholds belong to.
struct ThresholdScores {
  model::ScoreKind kind = model::ScoreKind::kMkt;
  std::int64_t topk = 0;  ///< best patches of an image for a label
  std::string prompt_template;
};

/// (C) float64, the thresholds in the file `path` for `labels`. Throws c10::Error naming the file where it is
/// none of eval's or the first label that differs; ValueError naming --score, --topk or --template where
/// `scores` are not those that the thresholds were fitted to.
torch::Tensor load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                              const ThresholdScores& scores);

}  // namespace mkt::artifact
