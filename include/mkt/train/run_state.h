#pragma once
// Everything that an exact continuation of a training run needs. All randomness is a function of (seed,
// epoch, index), so there is no generator state to keep.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "mkt/distributed/communicator.h"
#include "mkt/io/checkpoint.h"

namespace mkt::train {

struct RunState {
  /// What has to be equal for a run to be the same: options and sizes of the data.
  nlohmann::ordered_json identity;
  /// Where it stands: epoch, step, sums, …
  nlohmann::ordered_json progress;
  /// "model.<parameter>", "optimizer.<…>".
  io::TensorMap tensors;
};

/// Writes <folder>/step-<number>.safetensors whole or not at all, then removes all but the `keep` newest. The
/// file's "kind" marks it as complete: safetensors end with their data, so a part of one is refused.
void save_run_state(const std::string& folder, std::int64_t step, const RunState& state, int keep = 2);

/// The newest state in `folder` that can be read, with its path; nothing where there is none. Those that
/// cannot be read are named in the log.
std::optional<std::pair<std::string, RunState>> newest_run_state(const std::string& folder);

/// Renames the states in `folder` that are newer than the file `path`, so that a run continued from that one
/// does not meet them later; the log names them.
void set_aside_newer(const std::string& folder, const std::string& path);

/// Rank 0's state, or that it has none, to all ranks.
void share_run_state(std::optional<RunState>& state, distributed::Communicator& ranks);

/// Throws c10::Error naming the file where it is no run state.
RunState load_run_state(const std::string& path);

/// Throws ValueError naming the first option in which a saved run differs from this one, with both values.
void check_identity(const RunState& state, const nlohmann::ordered_json& identity, const std::string& path);

}  // namespace mkt::train
