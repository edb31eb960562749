#pragma once
// Stores a run on disk: its identity, the state it resumes from, the states and checkpoints it saves.

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
  std::int64_t checkpoint_every = 0;  ///< steps between states, counted per epoch; 0: off
  double checkpoint_minutes = 0;      ///< minutes between states; 0: off
  std::int64_t keep_states = 1;       ///< number of newest states to keep
  std::int64_t epochs = 0;
  std::int64_t steps_per_epoch = 0;
};

/// State from which a run resumes, the same on every rank.
struct ResumePoint {
  RunState state;
  RunProgress progress;
};

/// Reads and writes a run's folder. find() and begin() are called by every rank, the rest by rank 0.
class RunStore {
 public:
  /// Returns the seconds since a fixed point in time.
  using Clock = std::function<double()>;

  /// Creates and locks the folder on rank 0; changes nothing else before begin(). `identity`: options and
  /// data digests that a resumed run must share. Throws c10::Error if another process has locked the folder,
  /// or if it contains a run that is not resumed.
  RunStore(RunStoreOptions options, nlohmann::ordered_json identity, distributed::Communicator& ranks,
           Clock clock = steady_seconds);

  /// Checks on rank 0 that the disk has space for one epoch's checkpoints and one state. Throws c10::Error if
  /// it has not; warns if it has less than all epochs need.
  void check_space(std::int64_t checkpoint_bytes, std::int64_t state_bytes) const;

  /// Returns the state to resume from, sent by rank 0 to all ranks; nullopt for a new run. Throws c10::Error
  /// if there is a run but no readable state; ValueError naming the option if the state belongs to a run with
  /// another identity.
  std::optional<ResumePoint> find() const;

  /// Starts the run's files after every rank has loaded the state it resumes from: removes records made after
  /// that state and renames newer states. `resolved` is the text of resolved.toml.
  void begin(const std::string& resolved, const std::optional<ResumePoint>& from);

  /// Whether to save a state after `step` steps of an epoch, by the number of steps or by the time since the
  /// last state. False at the end of the epoch, when a state is saved anyway.
  bool is_due(std::int64_t step) const;
  /// Writes a state on rank 0 and removes the oldest ones; adds the size of metrics.jsonl to `progress`.
  void save(RunProgress progress, const weights::TensorMap& tensors);
  /// Writes a checkpoint on rank 0.
  void save_checkpoint(const std::string& name, const weights::TensorMap& tensors) const;
  /// Appends a record to metrics.jsonl and to TensorBoard's events on rank 0.
  void record(const nlohmann::ordered_json& record);

  std::string checkpoint_path(const std::string& name) const { return options_.output + "/" + name; }
  std::string state_folder() const { return options_.output + "/state"; }

  /// Default clock: monotonic, so changes of the system time do not affect it.
  static double steady_seconds();

 private:
  std::optional<RunState> find_state() const;

  RunStoreOptions options_;
  nlohmann::ordered_json identity_;
  distributed::Communicator& ranks_;
  Clock clock_;
  double saved_at_;
  std::unique_ptr<RunFolder> folder_;  // null on ranks other than 0
};

}  // namespace mkt::train
