#include "imports/manifest_writer.h"
#include "io/json.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/interrupt.h"
#include "core/parallel.h"
#include "core/text.h"
#include "data/manifest.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"
#include "lists/label_list.h"
#include "mkt/core/random.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using Images = std::vector<LabelledImage>;

// Purposes of random draws; part of the random key, so that draws are independent.
constexpr std::uint64_t kDrawUnseen = 1;
constexpr std::uint64_t kDrawTest = 2;

/// Draws a random share of `size` items; returns 1 per item drawn, 0 per other item.
std::vector<char> draw(std::size_t size, double share, std::int64_t seed, std::uint64_t purpose) {
  const auto order =
      permutation(static_cast<std::int64_t>(size), KeyedRandom({static_cast<std::uint64_t>(seed), purpose}));
  const auto count = static_cast<std::size_t>(std::llround(share * static_cast<double>(size)));
  std::vector<char> drawn(size);
  for (std::size_t i = 0; i < count; ++i) drawn[static_cast<std::size_t>(order[i])] = 1;
  return drawn;
}

struct LabelLists {
  std::vector<std::string> seen;
  std::vector<std::string> unseen;
  std::vector<std::string> seen_ids;  // empty: labels have no ids
  std::vector<std::string> unseen_ids;

  /// Texts by which images name labels.
  const std::vector<std::string>& seen_keys() const { return seen_ids.empty() ? seen : seen_ids; }
  const std::vector<std::string>& unseen_keys() const { return unseen_ids.empty() ? unseen : unseen_ids; }
};

/// Reads the names of labels whose ids are in the file `ids_path`.
std::vector<std::string> read_names(const std::string& path, const std::string& ids_path, std::size_t ids) {
  data::LabelList list = data::read_label_list(path);
  data::require_labels(list);
  TORCH_CHECK(list.labels.size() == ids, ids_path, ": expected an id for each of the ", list.labels.size(),
              " labels of ", path, ", got ", ids, ". Correct one of the two lists.");
  return std::move(list.labels);
}

LabelLists read_lists_with_ids(const ManifestOptions& options) {
  for (const auto* path : {&options.seen, &options.unseen, &options.seen_ids, &options.unseen_ids}) {
    TORCH_CHECK_VALUE(!path->empty(), options.seen_ids.empty() ? "unseen-ids" : "seen-ids",
                      ": expected lists of seen and unseen labels and of the ids of both, got some of the "
                      "four. Give the others, too, or no ids.");
  }
  LabelLists lists;
  data::DistinctLabels distinct;
  distinct.add(data::read_label_list(options.seen_ids));
  lists.seen_ids = distinct.take();
  distinct.add(data::read_label_list(options.unseen_ids));
  lists.unseen_ids = distinct.take();
  lists.seen = read_names(options.seen, options.seen_ids, lists.seen_ids.size());
  lists.unseen = read_names(options.unseen, options.unseen_ids, lists.unseen_ids.size());
  return lists;
}

LabelLists choose_labels(const ManifestOptions& options, const Images& images) {
  if (!options.seen_ids.empty() || !options.unseen_ids.empty()) return read_lists_with_ids(options);
  std::set<std::string> found;
  for (const LabelledImage& image : images) {
    found.insert(image.present.begin(), image.present.end());
    found.insert(image.absent.begin(), image.absent.end());
  }
  LabelLists lists;
  if (!options.seen.empty()) lists.seen = data::read_distinct_labels(options.seen);
  if (!options.unseen.empty()) lists.unseen = data::read_distinct_labels(options.unseen);
  for (const std::string& label : lists.seen) found.erase(label);
  for (const std::string& label : lists.unseen) found.erase(label);
  if (!options.seen.empty() && !options.unseen.empty()) return lists;
  const std::vector<std::string> others(found.begin(), found.end());
  std::vector<char> unseen(others.size(), static_cast<char>(!options.seen.empty()));
  if (options.seen.empty() && options.unseen.empty())
    unseen = draw(others.size(), options.unseen_share, options.seed, kDrawUnseen);
  for (std::size_t i = 0; i < others.size(); ++i) {
    (unseen[i] != 0 ? lists.unseen : lists.seen).push_back(others[i]);
  }
  TORCH_CHECK(!lists.seen.empty() && !lists.unseen.empty(),
              "unseen: expected at least one seen and one unseen label, got ", lists.seen.size(), " and ",
              lists.unseen.size(), ". Change the label lists or the share of unseen labels.");
  return lists;
}

/// Checks the labels before the manifest is written, so that an error names the position in the source. The
/// manifest reader repeats these checks.
void check_labels(const Images& images, const LabelLists& lists) {
  std::unordered_map<std::string, std::size_t> named;  // label → last image that lists it, counted from 1
  for (const auto* labels : {&lists.seen_keys(), &lists.unseen_keys()}) {
    for (const std::string& label : *labels) {
      TORCH_CHECK(named.emplace(label, 0).second,
                  "label lists: expected each label to be either seen or unseen, got '", label,
                  "' in both lists. Remove one of the two.");
    }
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (const auto* labels : {&images[i].present, &images[i].absent}) {
      for (const std::string& label : *labels) {
        const std::string& where = images[i].where;
        TORCH_CHECK(
            !label.empty() && trim(label) == label && label.find_first_of("\r\n") == std::string::npos, where,
            ": expected a label on one line, without space around it, got '", label, "'. Correct it.");
        const auto found = named.find(label);
        TORCH_CHECK(found != named.end(), where, ": expected labels of the seen and unseen lists, got '",
                    label, "'. Correct the label, or add it to one of the lists.");
        TORCH_CHECK(std::exchange(found->second, i + 1) != i + 1, where, ": expected each label once, got '",
                    label, "' again. Remove one of the two.");
      }
    }
  }
}

void check_files(const Images& images, const std::string& folder, int workers) {
  std::vector<char> missing(images.size());
  parallel_for(static_cast<std::int64_t>(images.size()), workers, [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    std::error_code none;
    missing[at] = static_cast<char>(!fs::is_regular_file(fs::path(folder) / images[at].image, none));
  });
  const auto first = static_cast<std::size_t>(std::find(missing.begin(), missing.end(), 1) - missing.begin());
  if (first == missing.size()) return;
  const auto others = std::count(missing.begin(), missing.end(), 1) - 1;
  TORCH_CHECK(false, images[first].where, ": expected an image, got ", folder, "/", images[first].image,
              ", which does not exist",
              others > 0 ? fmt::format(" ({} other images are missing, too)", others) : "",
              ". Correct or remove the line, or change the image folder.");
}

void choose_split(const ManifestOptions& options, const LabelLists& lists, Images& images) {
  const std::unordered_set<std::string> unseen(lists.unseen_keys().begin(), lists.unseen_keys().end());
  std::vector<std::size_t> drawn;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].split) continue;
    const auto& labels = images[i].present;
    const auto is_unseen = [&](const std::string& label) { return unseen.count(label) > 0; };
    if (!labels.empty() && std::all_of(labels.begin(), labels.end(), is_unseen)) {
      images[i].split = data::Split::kTest;
    } else {
      drawn.push_back(i);
    }
  }
  const std::vector<char> test = draw(drawn.size(), options.test_share, options.seed, kDrawTest);
  for (std::size_t i = 0; i < drawn.size(); ++i)
    images[drawn[i]].split = test[i] != 0 ? data::Split::kTest : data::Split::kTrain;
}

void write_split(std::ostream& out, const Images& images, data::Split split) {
  for (const LabelledImage& image : images) {
    if (image.split != split) continue;
    out << manifest_line(image.image, image.present, image.absent, image.where) << "\n";
  }
}

std::string toml_of(const ManifestOptions& options, const ManifestContent& content, const std::string& name) {
  const auto quoted = [](const std::string& text) { return ordered_json(text).dump(); };  // also valid TOML
  const fs::path folder = fs::absolute(options.out).parent_path();
  std::string text;
  const auto add = [&](const char* key, const std::string& value) {
    text += fmt::format("{} = {}\n", key, quoted(value));
  };
  add("train", name + ".train.jsonl");
  add("test", name + ".test.jsonl");
  add("images", fs::proximate(content.images, folder).string());
  add("seen", name + ".seen.txt");
  add("unseen", name + ".unseen.txt");
  add("unlisted", enum_name(options.unlisted));
  if (content.classes != data::Classes::kNames) add("classes", enum_name(content.classes));
  if (content.origin) add("origin", enum_name(*content.origin));
  if (!content.seen_ids.empty()) {
    add("seen_ids", name + ".seen-ids.txt");
    add("unseen_ids", name + ".unseen-ids.txt");
  }
  return text;
}

}  // namespace

void check_out(const ManifestOptions& options) {
  TORCH_CHECK_VALUE(data::is_manifest(options.out), "out: expected a file that ends in .toml, got '",
                    options.out, "'. Give one.");
  io::require_writable("out", options.out);
}

std::string manifest_line(const std::string& image, const std::vector<std::string>& present,
                          const std::vector<std::string>& absent, const std::string& where) {
  ordered_json json = {{"image", image}, {"present", present}};
  if (!absent.empty()) json["absent"] = absent;
  try {
    return json.dump();
  } catch (const ordered_json::type_error&) {
    TORCH_CHECK(false, where, ": expected UTF-8, got ", io::json_text(json),
                ". Rename the image or its label.");
  }
}

void check_content(const ManifestContent& content, const std::string& out) {
  if (content.seen_ids.empty()) {
    data::check_label_names(content.seen, content.unseen, content.classes, out,
                            "Rename one of each pair, or move it to the other list.");
    return;
  }
  const auto both = [](std::vector<std::string> seen, const std::vector<std::string>& unseen) {
    seen.insert(seen.end(), unseen.begin(), unseen.end());
    return seen;
  };
  data::check_class_names(both(content.seen, content.unseen), both(content.seen_ids, content.unseen_ids),
                          out);
}

void write_manifest_files(const ManifestOptions& options, const ManifestContent& content) {
  const fs::path stem = fs::path(options.out).replace_extension();
  const std::string name = stem.filename().string();
  for (const char* ending : {".toml", ".train.jsonl", ".test.jsonl", ".seen.txt", ".unseen.txt",
                             ".seen-ids.txt", ".unseen-ids.txt"})
    io::remove_unfinished(fs::absolute(stem).parent_path().string(), fmt::format("{}{}.", name, ending));
  std::optional<InterruptDelay> until_placed;
  const auto place_lists = [&] {
    until_placed.emplace();
    std::error_code none;
    fs::remove(fs::canonical(options.out, none), none);
    io::write_lines(stem.string() + ".seen.txt", content.seen);
    io::write_lines(stem.string() + ".unseen.txt", content.unseen);
    if (content.seen_ids.empty()) return;
    io::write_lines(stem.string() + ".seen-ids.txt", content.seen_ids);
    io::write_lines(stem.string() + ".unseen-ids.txt", content.unseen_ids);
  };
  io::write_atomically(options.out, [&](std::ostream& toml) {
    toml << toml_of(options, content, name);
    io::write_atomically(stem.string() + ".train.jsonl", [&](std::ostream& train) {
      content.train(train);
      io::write_atomically(stem.string() + ".test.jsonl", [&](std::ostream& test) {
        content.test(test);
        place_lists();
      });
    });
  });
}

std::string counts_line(const std::string& out, std::int64_t train, std::int64_t test, std::size_t seen,
                        std::size_t unseen) {
  return fmt::format("{}: {} images for training, {} for test; {} seen labels, {} unseen\n", out, train, test,
                     seen, unseen);
}

std::string write_manifest(const ManifestOptions& options, const std::string& folder, Images images) {
  check_out(options);
  const LabelLists lists = choose_labels(options, images);
  check_labels(images, lists);
  const data::Classes classes = lists.seen_ids.empty() ? data::Classes::kNames : data::Classes::kIds;
  const ManifestContent content{folder,
                                lists.seen,
                                lists.unseen,
                                classes,
                                [&](std::ostream& out) { write_split(out, images, data::Split::kTrain); },
                                [&](std::ostream& out) { write_split(out, images, data::Split::kTest); },
                                lists.seen_ids,
                                lists.unseen_ids};
  check_content(content, "label lists");
  check_files(images, folder, static_cast<int>(options.workers));
  choose_split(options, lists, images);
  const auto count = [&](data::Split split) {
    return std::count_if(images.begin(), images.end(),
                         [&](const LabelledImage& image) { return image.split == split; });
  };
  const auto train = count(data::Split::kTrain);
  const auto test = count(data::Split::kTest);
  TORCH_CHECK(train > 0 && test > 0, "test-share: expected images for training and for test, got ", train,
              " and ", test, ". Change it, or the split column.");
  write_manifest_files(options, content);
  return counts_line(options.out, train, test, lists.seen.size(), lists.unseen.size());
}

}  // namespace mkt::imports
