#pragma once
// Reading of text files line by line, with line numbers for messages.

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::io {

/// Reads the lines of a text file one after another, without the white space (and CR) at both ends. A UTF-8
/// byte order mark and blank lines are skipped.
class NumberedLines {
 public:
  /// Throws c10::Error that names the file if it cannot be read.
  explicit NumberedLines(std::string path);

  /// Advances to the next line; false at the end of the file. Throws c10::Error if reading fails.
  bool next();

  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  ///< The first line is 1.
  const std::string& path() const { return path_; }
  std::string where() const;  ///< The place for messages: "<file>:<line>".

 private:
  std::string path_;
  std::ifstream file_;
  std::string line_;
  std::string_view text_;
  std::int64_t number_ = 0;
};

/// All lines of a text file, as NumberedLines gives them. Throws c10::Error that names the file if it cannot
/// be read.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace mkt::io
