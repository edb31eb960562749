#pragma once
// Files of score thresholds: eval writes them, infer and prepare export read them.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/model/scores.h"

namespace mkt::artifact {

/// The scores that thresholds were fitted to.
struct ThresholdScores {
  model::ScoreKind kind = model::ScoreKind::kMkt;
  std::int64_t topk = 0;  ///< best patches of an image per label
  std::string prompt_template;
};

/// The thresholds in the file `path` for `labels`, (C) float64. Throws c10::Error naming the file if it is no
/// threshold file, or the first label that differs; ValueError naming score, topk or template if `scores` are
/// not those that the thresholds were fitted to.
torch::Tensor load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                              const ThresholdScores& scores);

}  // namespace mkt::artifact
