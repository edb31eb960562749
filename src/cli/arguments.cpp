#include "cli/arguments.h"

#include <algorithm>
#include <numeric>

#include "core/text.h"

namespace mkt::cli {
namespace {

/// Replaces underscores in an option name: "--warmup_epochs=2" → "--warmup-epochs=2".
std::string with_dashes(std::string argument) {
  if (!starts_with(argument, "--")) return argument;
  const auto end = std::min(argument.find('='), argument.size());
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// Inserts implied values: "--resume --lr 1" → "--resume auto --lr 1".
std::vector<std::string> with_implied(const OptionList& list, const std::vector<std::string>& arguments) {
  std::vector<std::string> complete;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    complete.push_back(arguments[i]);
    const bool has_value = i + 1 < arguments.size() && !starts_with(arguments[i + 1], "--");
    for (const Setting& setting : list.settings()) {
      const bool alone = !setting.bounds.alone.empty() && !has_value && arguments[i] == "--" + setting.name;
      if (alone) complete.push_back(setting.bounds.alone);
    }
  }
  return complete;
}

bool names_list(const OptionList& list, const std::string& name) {
  return std::any_of(list.settings().begin(), list.settings().end(), [&](const Setting& setting) {
    return setting.is_list() && name == "--" + setting.name;
  });
}

/// Repeats the name of a list option before each value: "--label a b" → "--label a --label b".
std::vector<std::string> with_repeated(const OptionList& list, const std::vector<std::string>& arguments) {
  std::vector<std::string> complete;
  std::string repeated;  // name of the list option whose values follow
  bool first = false;
  for (const std::string& argument : arguments) {
    const bool value = first || argument.size() < 2 || argument[0] != '-';
    if (value && !first && !repeated.empty()) complete.push_back(repeated);
    complete.push_back(argument);
    first = false;
    if (value) continue;
    const std::string name = argument.substr(0, argument.find('='));
    const bool many = names_list(list, name);
    repeated = many ? name : "";
    first = many && name == argument;
  }
  return complete;
}

/// Returns the Levenshtein distance.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> normalised_arguments(const OptionList& list,
                                              const std::vector<std::string>& arguments) {
  std::vector<std::string> dashed(arguments.size());
  std::transform(arguments.begin(), arguments.end(), dashed.begin(), with_dashes);
  return with_repeated(list, with_implied(list, dashed));
}

std::string nearest_option(const OptionList& list, const std::string& unknown) {
  std::string best;
  std::size_t best_distance = unknown.size() / 2 + 1;
  for (const Setting& setting : list.settings()) {
    const std::size_t distance = edit_distance(unknown, "--" + setting.name);
    if (distance < best_distance) {
      best = "--" + setting.name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace mkt::cli
