#pragma once
// Converts the numbers in metrics.jsonl to TensorBoard's scalars.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "io/event_file.h"

namespace mkt::io {

struct StepScalars {
  std::int64_t step = 0;  ///< step's index in the run, from 0
  std::vector<Scalar> scalars;
};

/// Returns every finite number in a record except epoch and step, tagged with the record's kind and the
/// number's name: "step/rank_loss", "epoch/images_per_second", "eval/zsl/map"; with "weights" in the record,
/// "eval_ema/zsl/map". Records of a whole epoch belong to its last step.
StepScalars scalars_of(const nlohmann::ordered_json& record, std::int64_t steps_per_epoch);

}  // namespace mkt::io
