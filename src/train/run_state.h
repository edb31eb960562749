#pragma once
// Everything that an exact continuation of a training run needs. All randomness is a function of (seed,
// epoch, index), so there is no generator state to keep.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "mkt/weights/checkpoint.h"
#include "train/epoch_sums.h"

namespace mkt::train {

struct RunState {
  std::string path;  ///< of its file, for messages
  /// What has to be equal for a run to be the same: options and sizes of the data.
  nlohmann::ordered_json identity;
  /// Where it stands: epoch, step, sums, …
  nlohmann::ordered_json progress;
  /// "model.<parameter>", "optimizer.<…>".
  weights::TensorMap tensors;
};

/// Where a run stands.
struct RunProgress {
  std::int64_t epoch = 0;
  std::int64_t step = 0;           ///< of the epoch: the number of its steps that are done
  std::int64_t metrics_bytes = 0;  ///< size of metrics.jsonl when the state was saved
  EpochSums sums;
  nlohmann::ordered_json scaler;  ///< the LossScaler's state

  /// Reads state.progress. Throws c10::Error naming the state's file if it is incomplete or lies outside a
  /// run of `epochs` epochs of `steps` steps.
  static RunProgress of(const RunState& state, std::int64_t epochs, std::int64_t steps);
  /// The text of a state's progress.
  nlohmann::ordered_json to_json() const;
};

/// Writes <folder>/step-<number>.safetensors whole or not at all, then removes all but the `keep` newest,
/// never the one just written. The file's "kind" marks it as complete: safetensors end with their data, so a
/// part of one is refused.
void save_run_state(const std::string& folder, std::int64_t step, const RunState& state, std::int64_t keep);

/// The newest state in `folder` that can be read; nothing where there is none. Those that cannot be read are
/// named in the log.
std::optional<RunState> newest_run_state(const std::string& folder);

/// Whether `folder` holds states, readable or not.
bool has_run_states(const std::string& folder);

/// Renames the states in `folder` that are newer than the file `path`, readable or not, so that a run
/// continued from that one does not meet them later; the log names them.
void set_aside_newer(const std::string& folder, const std::string& path);

/// Rank 0's state, or that it has none, to all ranks.
void share_run_state(std::optional<RunState>& state, distributed::Communicator& ranks);

/// Throws c10::Error naming the file where it is no run state.
RunState load_run_state(const std::string& path);

/// Throws ValueError naming the first option in which a saved run differs from this one, with both values.
void check_identity(const RunState& state, const nlohmann::ordered_json& identity);

/// Throws c10::Error naming the state's file where its "model." tensors are not those of `expected`, by name
/// and shape.
void check_model(const RunState& state, const weights::TensorMap& expected);

}  // namespace mkt::train
