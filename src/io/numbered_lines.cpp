#include "io/numbered_lines.h"

#include <fmt/core.h>

#include <utility>

#include "core/text.h"

namespace mkt::io {

NumberedLines::NumberedLines(std::string path, TextRules rules)
    : path_(std::move(path)), stream_(path_, rules) {}

NumberedLines::NumberedLines(std::istream& source, std::string name, TextRules rules)
    : path_(std::move(name)), stream_(source, path_, rules) {}

bool NumberedLines::next() {
  while (std::getline(stream_, line_)) {
    ++number_;
    text_ = trimmed(line_);
    if (!text_.empty()) return true;
  }
  return false;
}

std::string NumberedLines::where() const {
  return fmt::format("{}:{}", path_, number_);
}

std::vector<std::string> read_lines(const std::string& path, TextRules rules) {
  NumberedLines file(path, rules);
  std::vector<std::string> lines;
  while (file.next()) lines.emplace_back(file.text());
  return lines;
}

}  // namespace mkt::io
