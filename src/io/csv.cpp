#include "io/csv.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "io/numbered_lines.h"

namespace mkt::io {
namespace {

constexpr int kEnd = std::char_traits<char>::eof();
// Quoted fields may contain CR; the reader refuses it elsewhere.
constexpr TextRules kRules{/*any_bytes=*/false, /*lone_cr=*/true};

}  // namespace

Delimiter frequent_delimiter(const std::string& path) {
  constexpr std::array<Delimiter, 3> kDelimiters = {Delimiter::kComma, Delimiter::kSemicolon,
                                                    Delimiter::kTab};
  NumberedLines lines(path, kRules);
  const std::string_view first = lines.next() ? lines.text() : std::string_view();
  std::array<std::int64_t, kDelimiters.size()> counts = {};
  bool quoted = false;
  for (const char c : first) {
    if (c == '"') quoted = !quoted;
    const auto found = std::find(kDelimiters.begin(), kDelimiters.end(), Delimiter{c});
    if (!quoted && found != kDelimiters.end())
      ++counts[static_cast<std::size_t>(found - kDelimiters.begin())];
  }
  return kDelimiters[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                              counts.begin())];
}

CsvReader::CsvReader(std::string path, Delimiter delimiter)
    : path_(std::move(path)), delimiter_(delimiter), stream_(path_, kRules) {
  TORCH_CHECK(stream_.peek() != kEnd, path_,
              ": expected a CSV file, got no readable content. Check the path.");
}

bool CsvReader::next() {
  while (read_record()) {
    if (fields_.size() > 1 || !fields_.front().empty()) return true;
  }
  return false;
}

std::string CsvReader::where() const {
  return fmt::format("{}:{}", path_, line_);
}

bool CsvReader::read_record() {
  std::streambuf& in = *stream_.rdbuf();
  fields_.assign(1, "");
  line_ = lines_ + 1;
  if (in.sgetc() == kEnd) return false;
  bool closed = false;  // whether the current field's closing quote has been read
  for (int c = in.sbumpc();; c = in.sbumpc()) {
    if (c == '\r') {
      check_line_end(in.sgetc());
      continue;
    }
    if (c == '\n' || c == kEnd) {
      ++lines_;
      return true;
    }
    if (c == std::char_traits<char>::to_int_type(static_cast<char>(delimiter_))) {
      fields_.emplace_back();
      closed = false;
      continue;
    }
    add(static_cast<char>(c), closed);
    if (c == '"') {
      read_quoted(in);
      closed = true;
    }
  }
}

void CsvReader::check_line_end(int after_cr) const {
  TORCH_CHECK(after_cr == '\n' || after_cr == '\r' || after_cr == kEnd, where(),
              ": expected lines that end with LF or CR LF, got CR alone. Convert the line ends.");
}

void CsvReader::add(char c, bool closed) {
  TORCH_CHECK(!closed, where(), ": expected a ", enum_name(delimiter_),
              " or the end of the line after a closing quote, got '", c, "' in field ", fields_.size(),
              ". Double the quotes inside a field.");
  TORCH_CHECK(c != '"' || fields_.back().empty(), where(),
              ": expected quotes around a whole field, got one inside field ", fields_.size(),
              ". Put the field in quotes, and double those inside.");
  if (c != '"') fields_.back() += c;
}

void CsvReader::read_quoted(std::streambuf& in) {
  for (int c = in.sbumpc();; c = in.sbumpc()) {
    TORCH_CHECK(c != kEnd, where(), ": expected a closing quote of field ", fields_.size(),
                ", got the end of the file. Add it.");
    if (c == '"') {
      if (in.sgetc() != '"') return;
      in.sbumpc();
    }
    if (c == '\n') ++lines_;
    fields_.back() += static_cast<char>(c);
  }
}

CsvTable::CsvTable(const std::string& path, Delimiter delimiter)
    : reader_(path, delimiter), delimiter_(delimiter) {
  TORCH_CHECK(reader_.next(), path, ": expected a line of column names, got none. Add it.");
  columns_ = reader_.fields();
  for (std::string& column : columns_) column = trim(column);
}

std::size_t CsvTable::column(const std::string& name, const std::string& remedy) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  TORCH_CHECK(found != columns_.end(), reader_.where(), ": expected a column '", name, "', got ",
              join(columns_, ", ", 10), ". ", remedy);
  TORCH_CHECK(std::count(columns_.begin(), columns_.end(), name) == 1, reader_.where(),
              ": expected one column '", name, "', got several. Rename or remove the others.");
  return static_cast<std::size_t>(found - columns_.begin());
}

bool CsvTable::next() {
  if (!reader_.next()) return false;
  TORCH_CHECK(reader_.fields().size() == columns_.size(), reader_.where(), ": expected ", columns_.size(),
              " fields as in the first line, got ", reader_.fields().size(), ". Put fields that contain a ",
              enum_name(delimiter_), " in quotes.");
  return true;
}

std::string CsvTable::field(std::size_t column) const {
  return trim(reader_.fields()[column]);
}

std::string csv_quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_field(const std::string& text) {
  return text.find_first_of(",\"\r\n") == std::string::npos ? text : csv_quoted(text);
}

}  // namespace mkt::io
