#pragma once
// Reads comma-separated values (RFC 4180), also with other delimiters.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "io/text_stream.h"
#include "mkt/core/enum_names.h"

namespace mkt::io {

/// Column delimiter.
enum class Delimiter : char { kComma = ',', kSemicolon = ';', kTab = '\t' };

/// Detects a file's delimiter: the most frequent delimiter outside quotes in the first line, or a comma if
/// there is none. Throws c10::Error naming the file if it cannot be read.
Delimiter frequent_delimiter(const std::string& path);

/// Reads a file's records one by one, decoded by TextStream; skips blank lines.
class CsvReader {
 public:
  /// Throws c10::Error naming the file if it cannot be read or has no content.
  explicit CsvReader(std::string path, Delimiter delimiter = Delimiter::kComma);

  /// Advances to the next record; returns false at the end of the file. Throws c10::Error naming file and
  /// line if a quote is misplaced or unclosed, or the text is not valid.
  bool next();

  const std::vector<std::string>& fields() const { return fields_; }
  std::string where() const;  ///< location of the record's first line, as "<file>:<line>"
  std::int64_t line() const { return line_; }

 private:
  bool read_record();
  /// Throws c10::Error if a CR outside quotes does not end a line.
  void check_line_end(int after_cr) const;
  /// Appends a character outside quotes to the last field.
  void add(char c, bool closed);
  /// Reads a quoted field after its opening quote.
  void read_quoted(std::streambuf& in);

  std::string path_;
  Delimiter delimiter_;
  TextStream stream_;
  std::vector<std::string> fields_;
  std::int64_t line_ = 0;   // number of the record's first line
  std::int64_t lines_ = 0;  // number of lines read so far
};

/// CSV file whose first record contains the column names.
class CsvTable {
 public:
  /// Throws c10::Error naming the file if it cannot be read or is empty.
  explicit CsvTable(const std::string& path, Delimiter delimiter = Delimiter::kComma);

  /// Returns a column's index. If there is no such column, or several, throws c10::Error naming the line;
  /// `remedy` is appended to the message that lists the existing columns.
  std::size_t column(const std::string& name, const std::string& remedy) const;

  /// Advances like CsvReader::next(); also throws if a record's number of fields differs from the first
  /// line's.
  bool next();

  std::string field(std::size_t column) const;  ///< the field's text without leading and trailing white space
  std::string where() const { return reader_.where(); }
  std::int64_t line() const { return reader_.line(); }

 private:
  CsvReader reader_;
  Delimiter delimiter_;
  std::vector<std::string> columns_;
};

/// Encloses `text` in quotes and doubles the quotes inside it.
std::string csv_quoted(const std::string& text);
/// Formats `text` as a CSV field, quoted only if necessary.
std::string csv_field(const std::string& text);

}  // namespace mkt::io

template <>
struct mkt::Names<mkt::io::Delimiter> {
  static constexpr NameTable<io::Delimiter, 3> kTable{{{io::Delimiter::kComma, "comma"},
                                                       {io::Delimiter::kSemicolon, "semicolon"},
                                                       {io::Delimiter::kTab, "tab"}}};
};
