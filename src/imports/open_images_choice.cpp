#include "imports/open_images_choice.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "imports/open_images_labels.h"
#include "io/numbered_lines.h"
#include "io/sha256.h"
#include "lists/pickled_strings.h"

namespace mkt::imports {
namespace {

using Numbers = std::vector<std::int32_t>;

constexpr std::string_view kPublished = "df6ebaf3773001176219c2fbbfa4c42c897ef425c7ed47726d932bc4d6b89419";
/// The same for the ids in ascending order.
constexpr std::string_view kPublishedSorted =
    "0115dbe5ce624c742431c8a809ec85c6844cae32f300c714240fa4574bf08587";

/// Counts the test images per class, whether or not their files exist.
std::vector<std::int64_t> test_counts(const OpenImagesOptions& options, const OpenImagesClasses& classes) {
  std::vector<std::int64_t> counts(classes.size());
  OpenImagesLabels labels(options.test, classes, options.contradictory);
  while (labels.next()) {
    for (const std::int32_t label : labels.image().present) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

/// Returns the classes that are most frequent in the test images, except seen ones; among equally frequent
/// classes, the one described first in the class file is preferred.
Numbers most_frequent(const OpenImagesOptions& options, const OpenImagesClasses& classes,
                      const Numbers& seen) {
  std::vector<std::int64_t> counts = test_counts(options, classes);
  for (const std::int32_t label : seen) counts[static_cast<std::size_t>(label)] = 0;
  const auto count_of = [&](std::int32_t label) { return counts[static_cast<std::size_t>(label)]; };
  Numbers labels(counts.size());
  std::iota(labels.begin(), labels.end(), 0);
  labels.erase(
      std::remove_if(labels.begin(), labels.end(), [&](std::int32_t label) { return count_of(label) == 0; }),
      labels.end());
  TORCH_CHECK(static_cast<std::int64_t>(labels.size()) >= options.unseen_count,
              "unseen-count: expected at most ", labels.size(), " (the labels of ", options.test,
              " that are not seen), got ", options.unseen_count,
              ". Lower it, or give a list of unseen labels.");
  std::stable_sort(labels.begin(), labels.end(),
                   [&](std::int32_t a, std::int32_t b) { return count_of(a) > count_of(b); });
  labels.resize(static_cast<std::size_t>(options.unseen_count));
  return labels;
}

/// Reads the pickled ids.
std::vector<std::string> read_pool(const std::string& path) {
  constexpr const char* kRemedy = "Give BiAM's unseen_labels.pkl, or a pickled list of ids.";
  std::vector<std::string> ids =
      data::load_strings(path, {"class", "class ids", kRemedy, /*key=*/"", /*ordered=*/true});
  std::unordered_set<std::string> distinct;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    TORCH_CHECK(distinct.insert(ids[i]).second, path, ": expected each class once, got ", ids[i],
                " again at place ", i, ". ", kRemedy);
  }
  return ids;
}

/// Parses a place; nullopt if the text is anything else than digits.
std::optional<std::size_t> place_of(std::string_view text) {
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return place;
}

std::string digest_of(const std::vector<std::string>& ids) {
  std::string lines;
  for (const std::string& id : ids) lines += id + "\n";
  return io::sha256(lines);
}

/// Returns the unseen classes and the file that lists them ("" if none does).
std::pair<Numbers, std::string> unseen_classes(const OpenImagesOptions& options,
                                               const OpenImagesClasses& classes, const Numbers& seen) {
  if (!options.unseen_places.empty()) {
    return {classes_at_places(options.unseen_places, options.unseen_pool, classes), options.unseen_places};
  }
  const std::string& list = options.manifest.unseen;
  if (!list.empty()) return {classes.listed_in(list), list};
  return {most_frequent(options, classes, seen), ""};
}

}  // namespace

std::vector<std::int32_t> classes_at_places(const std::string& places, const std::string& pool,
                                            const OpenImagesClasses& classes) {
  const std::vector<std::string> ids = read_pool(pool);
  Numbers numbers;
  std::unordered_map<std::size_t, std::int64_t> lines;  // place → its line
  io::NumberedLines file(places);
  while (file.next()) {
    const std::optional<std::size_t> place = place_of(file.text());
    TORCH_CHECK(place && *place < ids.size(), file.where(), ": expected a place in ", pool, ", from 0 to ",
                static_cast<std::int64_t>(ids.size()) - 1, ", got '", file.text(),
                "'. Give the two files of one repository.");
    const auto [known, added] = lines.emplace(*place, file.number());
    TORCH_CHECK(added, file.where(), ": expected each place once, got ", *place, " again, after line ",
                known->second, ". Remove one of the two.");
    numbers.push_back(classes.number_of(ids[*place], file.where()));
  }
  TORCH_CHECK(!numbers.empty(), places, ": expected one place per line, got none. Download the file again.");
  return numbers;
}

OpenImagesChoice choose_classes(const OpenImagesOptions& options, const OpenImagesClasses& classes) {
  const std::string& seen_list = options.manifest.seen.empty() ? options.trainable : options.manifest.seen;
  OpenImagesChoice choice;
  choice.seen = classes.listed_in(seen_list);
  std::string unseen_list;
  std::tie(choice.unseen, unseen_list) = unseen_classes(options, classes, choice.seen);
  const std::unordered_set<std::int32_t> seen(choice.seen.begin(), choice.seen.end());
  for (const std::int32_t number : choice.unseen) {
    TORCH_CHECK(seen.count(number) == 0, unseen_list, ": expected classes that are not seen, got ",
                classes.id(number), " (", classes.name(number), "), which ", seen_list,
                " lists, too. Remove it from one of the two.");
  }
  return choice;
}

std::string published_line(std::vector<std::string> ids) {
  const std::string digest = digest_of(ids);
  if (digest == kPublished) return "unseen classes: the published 400";
  std::sort(ids.begin(), ids.end());
  if (digest_of(ids) == kPublishedSorted) return "unseen classes: the published 400, in another order";
  return fmt::format("unseen classes: not the published 400 (SHA-256 of the ids {})", digest);
}

}  // namespace mkt::imports
