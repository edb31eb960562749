#pragma once
// Text files whose faults are told by line.

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::io {

/// A text file's lines one after another, without white space (and CR) at both ends; a UTF-8 byte order mark
/// and blank lines are passed over.
class NumberedLines {
 public:
  /// Throws c10::Error naming the file where it cannot be read.
  explicit NumberedLines(std::string path);

  /// Goes to the next line; false at the end. Throws c10::Error where reading stops half-way.
  bool next();

  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  ///< from 1
  const std::string& path() const { return path_; }
  std::string where() const;  ///< "<file>:<line>"

 private:
  std::string path_;
  std::ifstream file_;
  std::string line_;
  std::string_view text_;
  std::int64_t number_ = 0;
};

/// A text file's lines, each trimmed; a UTF-8 byte order mark and blank lines are dropped (NumberedLines).
/// Throws where the file cannot be read.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace mkt::io
