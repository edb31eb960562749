#pragma once
// Comma-separated values (RFC 4180), also with other delimiters.

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"

namespace mkt::io {

/// Characters that separate columns.
enum class Delimiter : char { kComma = ',', kSemicolon = ';', kTab = '\t' };

/// The file's most frequent delimiter: the one that the first line has most often outside quotes; a comma if
/// there is none. Throws c10::Error naming the file if it cannot be read.
Delimiter frequent_delimiter(const std::string& path);

/// Reads the records of a file one by one; skips blank lines and a UTF-8 byte order mark.
class CsvReader {
 public:
  /// Throws c10::Error naming the file if it cannot be read.
  explicit CsvReader(std::string path, Delimiter delimiter = Delimiter::kComma);

  /// Advances to the next record; false at the end of the file. Throws c10::Error naming file and line of a
  /// misplaced or unclosed quote.
  bool next();

  const std::vector<std::string>& fields() const { return fields_; }
  std::string where() const;  ///< "<file>:<line>" of the record's first line
  std::int64_t line() const { return line_; }

 private:
  bool read_record();
  /// Adds a character outside quotes to the last field.
  void add(char c, bool closed);
  /// Reads the rest of a quoted field.
  void read_quoted(std::streambuf& in);

  std::string path_;
  Delimiter delimiter_;
  std::ifstream file_;
  std::vector<std::string> fields_;
  std::int64_t line_ = 0;   // first line of the record
  std::int64_t lines_ = 0;  // lines read so far
};

/// Records below a line of column names.
class CsvTable {
 public:
  /// Throws c10::Error naming the file if it cannot be read or is empty.
  explicit CsvTable(const std::string& path, Delimiter delimiter = Delimiter::kComma);

  /// Index of a column. Throws c10::Error naming the line and the columns that exist; `remedy` ends the
  /// message.
  std::size_t column(const std::string& name, const std::string& remedy) const;

  /// As CsvReader::next; also throws if a record has another number of fields than the first line.
  bool next();

  std::string field(std::size_t column) const;  ///< the field's text without white space around it
  std::string where() const { return reader_.where(); }
  std::int64_t line() const { return reader_.line(); }

 private:
  CsvReader reader_;
  Delimiter delimiter_;
  std::vector<std::string> columns_;
};

/// `text` in quotes, with its own quotes doubled.
std::string csv_quoted(const std::string& text);
/// `text` as a field: in quotes only if it needs them.
std::string csv_field(const std::string& text);

}  // namespace mkt::io

template <>
struct mkt::Names<mkt::io::Delimiter> {
  static constexpr NameTable<io::Delimiter, 3> kTable{{{io::Delimiter::kComma, "comma"},
                                                       {io::Delimiter::kSemicolon, "semicolon"},
                                                       {io::Delimiter::kTab, "tab"}}};
};
