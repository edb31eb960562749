#include "csv.h"

#include <c10/util/Exception.h>

#include <utility>

#include "mkt/core/text.h"

namespace mkt::prepare {
namespace {

constexpr int kEnd = std::char_traits<char>::eof();

}  // namespace

CsvReader::CsvReader(std::string path) : path_(std::move(path)), file_(path_, std::ios::binary) {
  TORCH_CHECK(file_.good() && file_.peek() != kEnd, path_,
              ": expected a CSV file, got nothing to read. Check the path.");
  for (const char mark : {'\xEF', '\xBB', '\xBF'}) {
    if (file_.rdbuf()->sgetc() != std::char_traits<char>::to_int_type(mark)) break;
    file_.rdbuf()->sbumpc();
  }
}

bool CsvReader::next() {
  while (read_record()) {
    if (fields_.size() > 1 || !fields_.front().empty()) return true;
  }
  return false;
}

std::string CsvReader::where() const {
  return cat(path_, ":", line_);
}

bool CsvReader::read_record() {
  std::streambuf& in = *file_.rdbuf();
  fields_.assign(1, "");
  line_ = lines_ + 1;
  if (in.sgetc() == kEnd) return false;
  bool closed = false;  // the field was in quotes
  for (int c = in.sbumpc();; c = in.sbumpc()) {
    if (c == '\r' && in.sgetc() == '\n') continue;
    if (c == '\n' || c == kEnd) {
      ++lines_;
      return true;
    }
    if (c == ',') {
      fields_.emplace_back();
      closed = false;
      continue;
    }
    TORCH_CHECK(!closed, where(), ": expected a comma or the line's end behind a closing quote, got '",
                static_cast<char>(c), "' in field ", fields_.size(), ". Write quotes inside a field twice.");
    if (c == '"') {
      TORCH_CHECK(fields_.back().empty(), where(),
                  ": expected quotes around a whole field, got one inside field ", fields_.size(),
                  ". Put the field in quotes, and write those inside twice.");
      read_quoted(in);
      closed = true;
      continue;
    }
    fields_.back() += static_cast<char>(c);
  }
}

void CsvReader::read_quoted(std::streambuf& in) {
  for (int c = in.sbumpc();; c = in.sbumpc()) {
    TORCH_CHECK(c != kEnd, where(), ": expected a closing quote of field ", fields_.size(),
                ", got the file's end. Add it.");
    if (c == '"') {
      if (in.sgetc() != '"') return;
      in.sbumpc();
    }
    if (c == '\n') ++lines_;
    fields_.back() += static_cast<char>(c);
  }
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace mkt::prepare
