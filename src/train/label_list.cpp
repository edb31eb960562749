#include "mkt/train/label_list.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <unordered_map>

#include "mkt/core/text.h"

namespace mkt::train {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// Where a label was first seen, and how it was written there.
struct First {
  std::size_t line;
  std::string label;
};

}  // namespace

std::vector<std::string> label_list_problems(const std::string& path) {
  std::ifstream file(path);
  TORCH_CHECK(file.good(), path, ": cannot be read. Check that the file exists and is readable.");
  std::vector<std::string> problems;
  std::vector<std::string> empty;  // told once a label follows
  std::unordered_map<std::string, First> seen;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (number == 1 && starts_with(line, "\xEF\xBB\xBF")) line.erase(0, 3);
    const std::string label = trim(line);
    const std::string place = cat(path, ":", number);
    if (label.empty()) {
      empty.push_back(cat(place, ": expected a label, got an empty line, which is left out. Remove it."));
      continue;
    }
    problems.insert(problems.end(), empty.begin(), empty.end());
    empty.clear();
    const auto [first, is_new] = seen.try_emplace(lower_case(label), First{number, label});
    if (is_new) continue;
    const bool same = first->second.label == label;
    problems.push_back(cat(place, ": expected each label once, got '", label, "' as ",
                           same ? "" : cat("'", first->second.label, "' "), "in line ", first->second.line,
                           ". Remove one of them."));
  }
  return problems;
}

}  // namespace mkt::train
