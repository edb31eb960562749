#pragma once
// Writes JSON Lines files.

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mkt::io {

/// Appends JSON objects to a file, one per line. Every line is flushed when it is written. If a crash has
/// truncated the file's last line, a line end is added first. Throws c10::Error that names the file if it
/// cannot be opened or written.
class RecordWriter {
 public:
  explicit RecordWriter(std::string path);
  void write(const nlohmann::ordered_json& record);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace mkt::io
