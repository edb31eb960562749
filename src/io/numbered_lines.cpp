#include "io/numbered_lines.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>

#include <utility>

#include "core/text.h"

namespace mkt::io {

NumberedLines::NumberedLines(std::string path) : path_(std::move(path)), file_(path_) {
  TORCH_CHECK(file_.good(), path_, ": cannot be read. Check that the file exists and is readable.");
}

bool NumberedLines::next() {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  while (std::getline(file_, line_)) {
    std::string_view line = line_;
    if (++number_ == 1 && starts_with(line, kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    text_ = trimmed(line);
    if (!text_.empty()) return true;
  }
  TORCH_CHECK(!file_.bad(), path_, ": reading stopped at line ", number_ + 1, ". Check the disk.");
  return false;
}

std::string NumberedLines::where() const {
  return fmt::format("{}:{}", path_, number_);
}

std::vector<std::string> read_lines(const std::string& path) {
  NumberedLines file(path);
  std::vector<std::string> lines;
  while (file.next()) lines.emplace_back(file.text());
  return lines;
}

}  // namespace mkt::io
