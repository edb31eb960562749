#pragma once
// Comma-separated values as RFC 4180 has them.

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace mkt::prepare {

/// A file's records one after another; a UTF-8 byte order mark and blank lines are passed over.
class CsvReader {
 public:
  /// Throws c10::Error naming the file where it cannot be read.
  explicit CsvReader(std::string path);

  /// Goes to the next record; false at the end. Throws c10::Error naming file and line of a quote out of
  /// place, or that does not end.
  bool next();

  const std::vector<std::string>& fields() const { return fields_; }
  std::string where() const;  ///< "<file>:<line>", the line that the record begins in

 private:
  bool read_record();
  /// The rest of a field behind its opening quote.
  void read_quoted(std::streambuf& in);

  std::string path_;
  std::ifstream file_;
  std::vector<std::string> fields_;
  std::int64_t line_ = 0;   // that the record begins in
  std::int64_t lines_ = 0;  // that were read
};

/// A field as a record has it: in quotes where it needs them.
std::string csv_field(const std::string& text);

}  // namespace mkt::prepare
