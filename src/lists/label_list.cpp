#include "lists/label_list.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "io/numbered_lines.h"
#include "text/pieces.h"

namespace mkt::data {
namespace {

std::string duplicate_problem(const LabelList& list, std::size_t first, std::size_t again) {
  const std::string& label = list.labels[again];
  const bool same = list.labels[first] == label;
  return fmt::format("{}: expected each label once, got '{}' as {}in line {}. Remove one of them.",
                     list.where(again), label, same ? "" : fmt::format("'{}' ", list.labels[first]),
                     list.lines[first]);
}

}  // namespace

std::string LabelList::where(std::size_t i) const {
  return fmt::format("{}:{}", path, lines[i]);
}

LabelList read_label_list(const std::string& path) {
  LabelList list{path, {}, {}};
  io::NumberedLines file(path);
  while (file.next()) {
    list.labels.emplace_back(file.text());
    list.lines.push_back(file.number());
  }
  return list;
}

void require_labels(const LabelList& list) {
  TORCH_CHECK(!list.labels.empty(), list.path, ": expected one label per line, got none. Add labels.");
}

std::vector<std::string> read_distinct_labels(const std::string& path) {
  DistinctLabels labels;
  labels.add(read_label_list(path));
  return labels.take();
}

std::vector<std::string> blank_line_problems(const LabelList& list) {
  std::vector<std::string> problems;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < list.labels.size(); ++i) {
    for (std::int64_t blank = before + 1; blank < list.lines[i]; ++blank) {
      problems.push_back(fmt::format(
          "{}:{}: expected a label, got an empty line, which is skipped. Remove it.", list.path, blank));
    }
    before = list.lines[i];
  }
  return problems;
}

std::vector<std::string> label_list_problems(const LabelList& list) {
  std::vector<std::string> problems = blank_line_problems(list);
  std::unordered_map<std::string, std::size_t> seen;  // token text → index of its first label
  for (std::size_t i = 0; i < list.labels.size(); ++i) {
    const auto [first, is_new] = seen.try_emplace(text::token_text(list.labels[i]), i);
    if (!is_new) problems.push_back(duplicate_problem(list, first->second, i));
  }
  return problems;
}

std::optional<LabelDifference> first_difference(const std::vector<std::string>& expected,
                                                const std::vector<std::string>& found) {
  const auto [ours, theirs] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  if (ours == expected.end() && theirs == found.end()) return std::nullopt;
  const auto shown = [](const auto& place, const std::vector<std::string>& labels) {
    return place == labels.end() ? std::string("no further label") : "'" + *place + "'";
  };
  return LabelDifference{static_cast<std::size_t>(ours - expected.begin()) + 1, shown(ours, expected),
                         shown(theirs, found)};
}

void DistinctLabels::add(const std::string& label, const std::string& where) {
  TORCH_CHECK(!label.empty(), where, ": expected a label, got an empty text. Remove it.");
  const auto [known, added] = places_.emplace(label, where);
  TORCH_CHECK(added, where, ": expected each label once, got '", label, "' again, after ", known->second,
              ". Remove one of the two.");
  labels_.push_back(label);
}

void DistinctLabels::add(const LabelList& list) {
  require_labels(list);
  for (std::size_t i = 0; i < list.labels.size(); ++i) add(list.labels[i], list.where(i));
}

std::vector<std::string> DistinctLabels::take() {
  return std::exchange(labels_, {});
}

}  // namespace mkt::data
