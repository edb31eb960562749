#pragma once
// Writing of JSON lines files.

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mkt::io {

/// Appends JSON objects to a file, one per line. Each line is flushed before the next one; a line that an
/// earlier crash has truncated is ended first. Throws c10::Error that names the file if it cannot be opened
/// or written.
class RecordWriter {
 public:
  explicit RecordWriter(std::string path);
  void write(const nlohmann::ordered_json& record);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace mkt::io
