#pragma once
// Reads text files line by line, with line numbers for error messages.

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::io {

/// Reads a text file line by line, without leading and trailing white space (including CR). Skips a UTF-8
/// byte order mark and blank lines.
class NumberedLines {
 public:
  /// Throws c10::Error that names the file if it cannot be read.
  explicit NumberedLines(std::string path);

  /// Advances to the next line; returns false at the end of the file. Throws c10::Error if reading fails.
  bool next();

  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  ///< line number, starting at 1
  const std::string& path() const { return path_; }
  std::string where() const;  ///< location for error messages: "<file>:<line>"

 private:
  std::string path_;
  std::ifstream file_;
  std::string line_;
  std::string_view text_;
  std::int64_t number_ = 0;
};

/// Reads all lines of a text file with NumberedLines, which trims them and skips blank lines. Throws
/// c10::Error that names the file if it cannot be read.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace mkt::io
