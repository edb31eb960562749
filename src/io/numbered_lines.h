#pragma once
// Reads text files line by line, with line numbers for error messages.

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "io/text_stream.h"

namespace mkt::io {

/// Reads a text line by line, decoded by TextStream, without leading and trailing white space (including CR).
/// Skips blank lines.
class NumberedLines {
 public:
  /// Throws c10::Error that names the file if it cannot be read.
  explicit NumberedLines(std::string path, TextRules rules = {});
  /// Reads `source`, which must outlive this object; `name` is used in place of the file's path.
  NumberedLines(std::istream& source, std::string name, TextRules rules = {});

  /// Advances to the next line; returns false at the end of the text. Throws c10::Error that names
  /// the line if reading fails or the text is not valid.
  bool next();

  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  ///< line number, starting at 1
  const std::string& path() const { return path_; }
  std::string where() const;  ///< location for error messages: "<file>:<line>"

 private:
  std::string path_;
  TextStream stream_;
  std::string line_;
  std::string_view text_;
  std::int64_t number_ = 0;
};

/// Reads all lines of a text file with NumberedLines, which trims them and skips blank lines. Throws
/// c10::Error that names the file if it cannot be read, and the line if the text is not valid.
std::vector<std::string> read_lines(const std::string& path, TextRules rules = {});

}  // namespace mkt::io
