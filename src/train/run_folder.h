#pragma once
// The folder of one training run: resolved.toml, metrics.jsonl, tensorboard/, run.log, checkpoints, state/.

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "io/event_file.h"
#include "io/records.h"

namespace mkt::train {

/// An open file whose lock ends with this object.
class FileLock {
 public:
  FileLock() = default;
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  int descriptor_ = -1;
};

class RunFolder {
 public:
  /// Makes the folder and takes its lock; changes nothing else. Throws c10::Error naming --output where
  /// another process runs in it, and where it holds an earlier run and `resume` is false.
  RunFolder(std::string path, bool resume);

  /// Whether a run has begun in it, this one or an earlier one.
  bool holds_run() const;
  /// Begins the log and the records, of which the first `metrics_bytes` bytes stay: what was recorded after a
  /// state was saved is taken back. `resolved` is the text of resolved.toml. Call it once all checks are
  /// over.
  void begin(const std::string& resolved, std::int64_t metrics_bytes, std::int64_t steps_per_epoch);

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string state_folder() const { return file("state"); }

  /// Appends to metrics.jsonl, and its numbers to TensorBoard's event file.
  void record(const nlohmann::ordered_json& record);
  /// Size of metrics.jsonl with everything recorded so far.
  std::int64_t metrics_bytes() const;

 private:
  void begin_events();
  void write_event(const nlohmann::ordered_json& record);

  std::string path_;
  FileLock lock_;
  std::unique_ptr<io::RecordWriter> metrics_;
  std::unique_ptr<io::EventFile> events_;
  std::int64_t steps_per_epoch_ = 0;
};

}  // namespace mkt::train
