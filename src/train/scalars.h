#pragma once
// Numbers of metrics.jsonl as TensorBoard's scalars.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "io/event_file.h"

namespace mkt::train {

struct StepScalars {
  std::int64_t step = 0;  ///< position in the run, from 0
  std::vector<io::Scalar> scalars;
};

/// Every finite number of a record except epoch and step, tagged with the record's kind and the number's
/// name: "step/rank_loss", "epoch/images_per_second", "eval/zsl/map". Records of a whole epoch belong to its
/// last step.
StepScalars scalars_of(const nlohmann::ordered_json& record, std::int64_t steps_per_epoch);

}  // namespace mkt::train
