#pragma once
// Reads files of score thresholds. eval writes them, infer and prepare export read them.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/model/scores.h"

namespace mkt::artifact {

/// Description of the scores that thresholds are fitted to or applied to.
struct ThresholdScores {
  model::ScoreKind kind = model::ScoreKind::kMkt;
  std::int64_t topk = 0;        ///< number of best-scoring patches per label
  std::string prompt_template;  ///< sentence with {} in place of the label
};

/// Reads the thresholds for `labels` from the file `path`: (C) float64. Throws c10::Error naming the file if
/// it is not a threshold file or was fitted to other labels; the message names the first label that differs.
/// Throws ValueError naming score, topk or template if the thresholds were fitted to other scores.
torch::Tensor load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                              const ThresholdScores& scores);

}  // namespace mkt::artifact
