#pragma once
// Saves and loads the state of a training run: everything needed to continue it bit-identically. Random
// numbers depend only on (seed, epoch, index), so there is no generator state to save.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "mkt/weights/checkpoint.h"
#include "train/epoch_sums.h"

namespace mkt::train {

struct RunState {
  std::string path;                 ///< path of the state's file, for messages
  nlohmann::ordered_json identity;  ///< values that a resumed run must share (run_identity.h)
  nlohmann::ordered_json progress;  ///< a RunProgress as JSON
  weights::TensorMap tensors;       ///< "model.<parameter>" and the optimiser's moments
};

/// Progress of a run.
struct RunProgress {
  std::int64_t epoch = 0;
  std::int64_t step = 0;           ///< number of finished steps in the epoch
  std::int64_t metrics_bytes = 0;  ///< size of metrics.jsonl when the state was saved
  EpochSums sums;                  ///< sums over the finished steps of the epoch
  nlohmann::ordered_json scaler;   ///< optim::LossScaler::state()

  /// Reads state.progress. Throws c10::Error naming the state's file if it is incomplete or outside the range
  /// of a run with `epochs` epochs of `steps` steps.
  static RunProgress of(const RunState& state, std::int64_t epochs, std::int64_t steps);
  /// Returns the JSON for RunState::progress.
  nlohmann::ordered_json to_json() const;
};

/// Writes <folder>/step-<number>.safetensors atomically, then removes all but the `keep` newest states, never
/// the one just written. `step`: number of finished steps in the run.
void save_run_state(const std::string& folder, std::int64_t step, const RunState& state, std::int64_t keep);

/// Loads the newest readable state in `folder`; nullopt if there is none. Logs the names of unreadable ones.
std::optional<RunState> newest_run_state(const std::string& folder);

/// Whether `folder` contains states, readable or not.
bool has_run_states(const std::string& folder);

/// Renames the states in `folder` that are newer than the file `path`, readable or not, and logs their names:
/// a run continued from that file must not resume from them later.
void set_aside_newer(const std::string& folder, const std::string& path);

/// Sends rank 0's state to all ranks; nullopt if rank 0 has none.
void share_run_state(std::optional<RunState>& state, distributed::Communicator& ranks);

/// Loads a run state. Throws c10::Error naming the file if it is not one.
RunState load_run_state(const std::string& path);

/// Throws ValueError naming the first value that differs between `identity` and the saved run, or that only
/// one of them has, with both values.
void check_identity(const RunState& state, const nlohmann::ordered_json& identity);

/// Throws c10::Error naming the state's file if its "model." tensors differ from those of `expected` in name
/// or shape.
void check_model(const RunState& state, const weights::TensorMap& expected);

}  // namespace mkt::train
