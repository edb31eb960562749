#pragma once
// Records of metrics.jsonl as TensorBoard shows them: the one place that both are said by.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "io/event_file.h"

namespace mkt::train {

struct StepScalars {
  std::int64_t step = 0;  ///< of the run, from 0
  std::vector<io::Scalar> scalars;
};

/// Every finite number of a record, except its place in the run, by the record's kind and its own name:
/// "step/rank_loss", "epoch/images_per_second", "eval/zsl/map". What an epoch comes to belongs to its last
/// step.
StepScalars scalars_of(const nlohmann::ordered_json& record, std::int64_t steps_per_epoch);

}  // namespace mkt::train
