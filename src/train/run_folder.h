#pragma once
// Folder of one training run: resolved.toml, metrics.jsonl, tensorboard/, run.log, checkpoints, state/.

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "io/event_file.h"
#include "io/records.h"

namespace mkt::train {

/// Owns an open file; closing it releases the file's lock.
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
  /// Creates the folder and locks it; changes nothing else. Throws c10::Error naming the folder if another
  /// process has locked it, or if it contains an earlier run and `resume` is false.
  RunFolder(std::string path, bool resume);

  /// Whether the folder contains the files of a run, this one or an earlier one.
  bool holds_run() const;
  /// Opens the log, metrics.jsonl and TensorBoard's event file, after all checks have passed. `resolved` is
  /// the text of resolved.toml. Keeps the first `metrics_bytes` bytes of metrics.jsonl and removes the rest,
  /// which was recorded after the state was saved.
  void begin(const std::string& resolved, std::int64_t metrics_bytes, std::int64_t steps_per_epoch);

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string state_folder() const { return file("state"); }

  /// Appends a record to metrics.jsonl, and its numbers to TensorBoard's event file.
  void record(const nlohmann::ordered_json& record);
  /// Size of metrics.jsonl in bytes.
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
