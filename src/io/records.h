#pragma once
// Metrics of a run as JSON lines.

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mkt::io {

/// Appends one JSON object a line to a file, each line whole: it is flushed before the next begins, and a
/// line cut off by an earlier crash is ended first. Throws c10::Error naming the file where writing fails.
class RecordWriter {
 public:
  explicit RecordWriter(std::string path);
  void write(const nlohmann::ordered_json& record);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace mkt::io
