#pragma once
// The golden training runs of the tiny CLIP. Source: tests/data/golden/README.md, "12 steps of each stage".

#include "mkt/torch.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace mkt::test {

/// One of the six golden batches.
struct GoldenBatch {
  torch::Tensor images;  ///< (4, 3, 64, 64)
  torch::Tensor labels;  ///< (4, 40) int8
};
/// Loads golden batch `index`, 0 … 5.
GoldenBatch golden_batch(std::int64_t index);

/// The entry for `stage` in training.json: "stage1" or "stage2".
nlohmann::json golden_training(const std::string& stage);

/// Initial state dict for both golden runs: the tiny student with perturbed CLIP weights.
std::map<std::string, torch::Tensor> moved_student_state();

}  // namespace mkt::test
