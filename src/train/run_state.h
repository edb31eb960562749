#pragma once
// State of a training run: everything that continuing it bit by bit needs. All randomness is a function of
// (seed, epoch, index), so there is no generator state to save.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "mkt/weights/checkpoint.h"
#include "train/epoch_sums.h"

namespace mkt::train {

struct RunState {
  std::string path;                 ///< the state's file, for messages
  nlohmann::ordered_json identity;  ///< values that make two runs the same (run_identity.h)
  nlohmann::ordered_json progress;  ///< a RunProgress
  weights::TensorMap tensors;       ///< "model.<parameter>" and the optimiser's moments
};

/// How far a run has come.
struct RunProgress {
  std::int64_t epoch = 0;
  std::int64_t step = 0;           ///< steps of the epoch that are done
  std::int64_t metrics_bytes = 0;  ///< size of metrics.jsonl when the state was saved
  EpochSums sums;                  ///< over the steps of the epoch
  nlohmann::ordered_json scaler;   ///< the LossScaler's state

  /// Reads state.progress. Throws c10::Error naming the state's file if it is incomplete or lies outside a
  /// run of `epochs` epochs of `steps` steps.
  static RunProgress of(const RunState& state, std::int64_t epochs, std::int64_t steps);
  /// JSON as states hold it.
  nlohmann::ordered_json to_json() const;
};

/// Writes <folder>/step-<number>.safetensors atomically, then removes all but the `keep` newest states, never
/// the one just written. `step`: steps of the run that are done.
void save_run_state(const std::string& folder, std::int64_t step, const RunState& state, std::int64_t keep);

/// The newest state in `folder` that can be read, if there is one. The log names those that cannot.
std::optional<RunState> newest_run_state(const std::string& folder);

/// Whether `folder` holds states, readable or not.
bool has_run_states(const std::string& folder);

/// Renames the states in `folder` that are newer than the file `path`, readable or not: a run continued from
/// that file must not resume from them later. The log names them.
void set_aside_newer(const std::string& folder, const std::string& path);

/// Gives all ranks rank 0's state, or none if it has none.
void share_run_state(std::optional<RunState>& state, distributed::Communicator& ranks);

/// Throws c10::Error naming the file if it is not a run state.
RunState load_run_state(const std::string& path);

/// Throws ValueError naming the first value of `identity` that differs in the saved run, with both values.
void check_identity(const RunState& state, const nlohmann::ordered_json& identity);

/// Throws c10::Error naming the state's file if its "model." tensors differ from those of `expected` in name
/// or shape.
void check_model(const RunState& state, const weights::TensorMap& expected);

}  // namespace mkt::train
