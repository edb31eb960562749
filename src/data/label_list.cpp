#include "data/label_list.h"

#include <cstdint>
#include <unordered_map>

#include "core/text.h"
#include "io/numbered_lines.h"

namespace mkt::data {
namespace {

/// Where a label was first seen, and how it was written there.
struct First {
  std::int64_t line;
  std::string label;
};

}  // namespace

std::vector<std::string> label_list_problems(const std::string& path) {
  io::NumberedLines lines(path);
  std::vector<std::string> problems;
  std::unordered_map<std::string, First> seen;
  for (std::int64_t before = 0; lines.next(); before = lines.number()) {
    for (std::int64_t empty = before + 1; empty < lines.number(); ++empty)
      problems.push_back(
          cat(path, ":", empty, ": expected a label, got an empty line, which is left out. Remove it."));
    const std::string label(lines.text());
    const auto [first, is_new] = seen.try_emplace(lower_case(label), First{lines.number(), label});
    if (is_new) continue;
    const bool same = first->second.label == label;
    problems.push_back(cat(lines.where(), ": expected each label once, got '", label, "' as ",
                           same ? "" : cat("'", first->second.label, "' "), "in line ", first->second.line,
                           ". Remove one of them."));
  }
  return problems;
}

}  // namespace mkt::data
