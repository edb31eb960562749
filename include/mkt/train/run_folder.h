#pragma once
// The folder of one training run: resolved.toml, metrics.jsonl, run.log, checkpoints, state/.

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "mkt/core/records.h"

namespace mkt::train {

class RunFolder {
 public:
  /// Makes the folder, takes its lock and begins its log. `resolved` is the text of resolved.toml. Throws
  /// c10::Error naming --output where another process runs in it, and where it holds an earlier run and
  /// `resume` is false.
  RunFolder(std::string path, const std::string& resolved, bool resume);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string state_folder() const { return file("state"); }

  /// Appends to metrics.jsonl.
  void record(const nlohmann::ordered_json& record);
  /// Size of metrics.jsonl with everything recorded so far.
  std::int64_t metrics_bytes() const;
  /// Takes back what was recorded after a state was saved.
  void truncate_metrics(std::int64_t bytes);

 private:
  std::string path_;
  int lock_ = -1;
  std::unique_ptr<RecordWriter> metrics_;
};

}  // namespace mkt::train
