#pragma once
// Comma-separated values as RFC 4180 has them, and the same with another sign for the comma.

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace mkt::imports {

/// "comma", "semicolon" or "tab".
const char* delimiter_name(char delimiter);
/// The sign of such a name; of "auto" the one of these that the file's first line has most of outside quotes,
/// a comma where it has none. Throws c10::Error naming the file where it cannot be read.
char delimiter_of(const std::string& name, const std::string& path);

/// A file's records one after another; a UTF-8 byte order mark and blank lines are passed over.
class CsvReader {
 public:
  /// Throws c10::Error naming the file where it cannot be read.
  explicit CsvReader(std::string path, char delimiter = ',');

  /// Goes to the next record; false at the end. Throws c10::Error naming file and line of a quote out of
  /// place, or that does not end.
  bool next();

  const std::vector<std::string>& fields() const { return fields_; }
  std::string where() const;  ///< "<file>:<line>", the line that the record begins in
  std::int64_t line() const { return line_; }

 private:
  bool read_record();
  /// The rest of a field behind its opening quote.
  void read_quoted(std::streambuf& in);

  std::string path_;
  char delimiter_;
  std::ifstream file_;
  std::vector<std::string> fields_;
  std::int64_t line_ = 0;   // that the record begins in
  std::int64_t lines_ = 0;  // that were read
};

/// Records under a first line of column names.
class CsvTable {
 public:
  /// Throws c10::Error naming the file where it cannot be read or is empty.
  explicit CsvTable(const std::string& path, char delimiter = ',');

  /// A column's place. Throws c10::Error naming the line and the columns that there are; `remedy` ends the
  /// message.
  std::size_t column(const std::string& name, const std::string& remedy) const;

  /// As CsvReader has it; throws also where a record has another number of fields than the first line.
  bool next();

  std::string field(std::size_t column) const;  ///< without white space at its ends
  std::string where() const { return reader_.where(); }
  std::int64_t line() const { return reader_.line(); }

 private:
  CsvReader reader_;
  char delimiter_;
  std::vector<std::string> columns_;
};

/// A field as a record has it: in quotes where it needs them.
std::string csv_field(const std::string& text);

}  // namespace mkt::imports
