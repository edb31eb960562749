#pragma once
// A run on disk: its identity, the state it resumes from, the states and checkpoints it saves.

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "distributed/communicator.h"
#include "mkt/weights/checkpoint.h"
#include "train/run_folder.h"
#include "train/run_state.h"

namespace mkt::train {

struct RunStoreOptions {
  std::string output;  ///< the run's folder
  std::string resume;  ///< empty: a new run; "auto": the newest state of `output`; otherwise a state file
  std::int64_t checkpoint_every = 0;  ///< steps of an epoch between states; 0: off
  double checkpoint_minutes = 0;      ///< minutes between states; 0: off
  std::int64_t keep_states = 1;       ///< states that stay, the newest ones
  std::int64_t epochs = 0;
  std::int64_t steps_per_epoch = 0;
};

/// Where a run resumes, on every rank.
struct ResumePoint {
  RunState state;
  RunProgress progress;
};

/// Reads and writes a run's folder. find() and begin() are called by every rank, the rest by rank 0.
class RunStore {
 public:
  /// Seconds that have passed since any fixed moment.
  using Clock = std::function<double()>;

  /// On rank 0 makes the folder and takes its lock; nothing else changes before begin(). `identity`: options
  /// and digests of data that must be equal for two runs to be the same. Throws c10::Error if another process
  /// runs in the folder, or if it holds a run that is not resumed.
  RunStore(RunStoreOptions options, nlohmann::ordered_json identity, distributed::Communicator& ranks,
           Clock clock = steady_seconds);

  /// Checks on rank 0 that the disk has space for one checkpoint and one state. Throws c10::Error if it has
  /// not; warns if it has less than all epochs take.
  void check_space(std::int64_t checkpoint_bytes, std::int64_t state_bytes) const;

  /// The state to resume from, shared by rank 0; nothing for a new run. Throws c10::Error if there is a run
  /// but no state that can be read; ValueError naming the option if the state is of a run with another
  /// identity.
  std::optional<ResumePoint> find() const;

  /// Begins the run's files once every rank has loaded the state it resumes from: records made after that
  /// state are removed, newer states are renamed. `resolved` is the text of resolved.toml.
  void begin(const std::string& resolved, const std::optional<ResumePoint>& from);

  /// Whether a state is due after `step` steps of an epoch, by their number or by the time since the last
  /// state. Never at the epoch's end, which saves one anyway.
  bool is_due(std::int64_t step) const;
  /// Writes a state on rank 0 and removes the oldest ones; adds the size of metrics.jsonl to `progress`.
  void save(RunProgress progress, const weights::TensorMap& tensors);
  /// Writes a checkpoint on rank 0.
  void save_checkpoint(const std::string& name, const weights::TensorMap& tensors) const;
  /// Appends to metrics.jsonl and TensorBoard's events on rank 0.
  void record(const nlohmann::ordered_json& record);

  std::string checkpoint_path(const std::string& name) const { return options_.output + "/" + name; }
  std::string state_folder() const { return options_.output + "/state"; }

  /// Seconds of the steady clock.
  static double steady_seconds();

 private:
  std::optional<RunState> find_state() const;

  RunStoreOptions options_;
  nlohmann::ordered_json identity_;
  distributed::Communicator& ranks_;
  Clock clock_;
  double saved_at_;
  std::unique_ptr<RunFolder> folder_;  // only rank 0 writes
};

}  // namespace mkt::train
