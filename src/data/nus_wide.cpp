#include "data/nus_wide.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/parallel.h"
#include "core/text.h"
#include "data/label_file.h"
#include "data/nus_wide_layout.h"
#include "io/numbered_lines.h"
#include "lists/image_names.h"
#include "lists/label_list.h"
#include "lists/label_names.h"
#include "mkt/core/error.h"

namespace mkt::data {
namespace {

constexpr std::size_t kExamples = 3;  // maximum number of missing files named in a message
bool is_file(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Collects all problems of a data set, so that one error reports them together.
class Report {
 public:
  void add(std::string problem) {
    const bool known = std::find(problems_.begin(), problems_.end(), problem) != problems_.end();
    if (!known) problems_.push_back(std::move(problem));
  }

  /// Adds "3 of 160000 <what> are missing, e.g. a, b", if any are missing.
  void add_missing(const std::vector<std::string>& missing, std::size_t total, const std::string& what) {
    if (missing.empty()) return;
    std::vector<std::string> examples(
        missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(std::min(kExamples, missing.size())));
    add(fmt::format("{} of {} {} {} {}", missing.size(), total, what,
                    missing.size() == 1 ? "is missing:" : "are missing, e.g.", join(examples, ", ")));
  }

  /// Returns the result of `read`. If `read` throws, adds the error and returns an empty result.
  template <typename Read>
  auto guard(Read read) -> decltype(read()) {
    try {
      return read();
    } catch (const std::exception& error) {
      add(one_line(error));
      return {};
    }
  }

  void raise(const std::string& root) const {
    TORCH_CHECK(problems_.empty(), "data-path: expected NUS-WIDE in ", root,
                ", got an incomplete folder: ", join(problems_, "; "), ". Complete or correct it.");
  }

 private:
  std::vector<std::string> problems_;
};

class Reader {
 public:
  Reader(std::string root, const ReadingOptions& options, Report& report)
      : root_(std::move(root)), options_(options), report_(report) {}

  /// Checks and reads everything except the label vectors. Reading those takes minutes, so read_labels() does
  /// it later, only if the report is empty.
  void check(Split split, Dataset& set) {
    set.seen = labels(kNusWide.seen_labels);
    if (split == Split::kTest) set.unseen = labels(kNusWide.unseen_labels);
    set.names = image_names(split);
    find_images(set);
    const std::string relative = kNusWide.files(split).labels;
    if (!is_file(path(relative))) {
      report_.add(relative + " is missing");
      return;
    }
    file_ = report_.guard([&] { return std::make_unique<LabelFile>(path(relative)); });
    if (!file_) return;
    if (split == Split::kTrain) {
      check_labels(relative, set.names, kNusWide.labels_key, set.seen.size(), kNusWide.seen_labels);
      return;
    }
    const bool both = !set.seen.empty() && !set.unseen.empty();
    check_labels(relative, set.names, kNusWide.labels_key, both ? set.seen.size() + set.unseen.size() : 0,
                 fmt::format("{} with {}", kNusWide.seen_labels, kNusWide.unseen_labels));
    check_labels(relative, set.names, kNusWide.unseen_labels_key, set.unseen.size(), kNusWide.unseen_labels);
  }

  void read_labels(Split split, Dataset& set) const {
    set.labels = table(keys_of(set.names, kNusWide.labels_key));  // (N, S [+ U])
    if (split == Split::kTest)
      set.labels_unseen = table(keys_of(set.names, kNusWide.unseen_labels_key));  // (N, U)
  }

  /// Reads a label list. If it has no labels, reports the reason and returns an empty list.
  std::vector<std::string> labels(const std::string& file) {
    if (!is_file(path(file))) {
      report_.add(file + " is missing");
      return {};
    }
    std::vector<std::string> found = report_.guard([&] { return read_label_list(path(file)).labels; });
    if (found.empty()) report_.add(file + " has no labels");
    return found;
  }

 private:
  std::string path(const std::string& relative) const { return fmt::format("{}/{}", root_, relative); }

  std::vector<std::string> image_names(Split split) {
    const std::string stem = kNusWide.files(split).image_list;
    std::string list = stem + ".pkl";
    if (!is_file(path(list))) list = stem + ".txt";
    if (!is_file(path(list))) {
      report_.add(stem + ".pkl (or .txt) is missing");
      return {};
    }
    const bool text = list.back() == 't';
    auto names = report_.guard(
        [&] { return text ? io::read_lines(path(list), io::kFileNames) : load_image_names(path(list)); });
    if (names.empty()) report_.add(list + " has no image names");
    const auto limit = static_cast<std::size_t>(options_.limit);
    if (limit > 0 && names.size() > limit) names.resize(limit);
    return names;
  }

  void find_images(Dataset& set) {
    std::vector<char> found(set.names.size());
    set.paths.resize(set.names.size());
    report_.guard([&] {
      parallel_for(static_cast<std::int64_t>(set.names.size()), options_.workers, [&](std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        set.paths[at] = path(nus_wide_image_path(set.names[at]));
        found[at] = static_cast<char>(!options_.look_for_images || is_file(set.paths[at]));
      });
      std::vector<std::string> missing;
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] == 0) missing.push_back(nus_wide_image_path(set.names[i]));
      }
      report_.add_missing(missing, found.size(), "images");
      return true;
    });
  }

  /// Reads the label vectors `keys` in blocks, so that the full dense table is never in memory.
  LabelTable table(const std::vector<std::string>& keys) const {
    constexpr std::size_t kBlock = 4096;
    LabelTable table;
    for (std::size_t first = 0; first < keys.size(); first += kBlock) {
      const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
      const auto size = std::min(kBlock, keys.size() - first);
      const torch::Tensor rows = file_->read({begin, begin + static_cast<std::ptrdiff_t>(size)});  // (n, C)
      if (table.defined()) {
        table.add(rows);
      } else {
        table = LabelTable(rows);
      }
    }
    return table;
  }

  static std::vector<std::string> keys_of(const std::vector<std::string>& names, const std::string& ending) {
    std::vector<std::string> keys;
    keys.reserve(names.size());
    for (const std::string& name : names) keys.push_back(name + ending);
    return keys;
  }

  /// Checks that the label file has a vector for every image, and that vectors have `expected` labels. 0
  /// skips the second check, because the label list's problem is reported already.
  void check_labels(const std::string& relative, const std::vector<std::string>& names,
                    const std::string& ending, std::size_t expected, const std::string& label_list) {
    const std::vector<std::string> keys = keys_of(names, ending);
    std::vector<std::string> missing;
    for (const std::string& key : keys) {
      if (!file_->contains(key)) missing.push_back(key);
    }
    report_.add_missing(missing, keys.size(), "label sets in " + relative);
    if (!missing.empty() || keys.empty() || expected == 0) return;
    report_.guard([&] {
      const std::int64_t width = file_->width(keys.front());
      if (width != static_cast<std::int64_t>(expected)) {
        report_.add(fmt::format("{} has {} labels in {}, but {} has {}", relative, width, keys.front(),
                                label_list, expected));
      }
      return true;
    });
  }

  std::string root_;
  ReadingOptions options_;
  Report& report_;
  std::unique_ptr<LabelFile> file_;
};

void check_root(const std::string& root) {
  struct stat status = {};
  TORCH_CHECK(stat(root.c_str(), &status) == 0 && S_ISDIR(status.st_mode),
              "data-path: expected the NUS-WIDE folder, got ",
              stat(root.c_str(), &status) == 0 ? "a file" : "nothing", " at ", root, ". Check the path.");
}

void check_names(const Dataset& set, const std::string& root) {
  check_label_names(set.seen, set.unseen, Classes::kNames, root,
                    fmt::format("Remove one of each pair from {} or {}, and from the label vectors.",
                                kNusWide.seen_labels, kNusWide.unseen_labels));
}

Dataset load_label_lists(const std::string& root) {
  check_root(root);
  Report report;
  Reader reader(root, {}, report);
  Dataset set;
  set.seen = reader.labels(kNusWide.seen_labels);
  set.unseen = reader.labels(kNusWide.unseen_labels);
  report.raise(root);
  check_names(set, root);
  return set;
}

}  // namespace

std::vector<std::string> load_nus_wide_labels(const std::string& root) {
  return all_labels(load_label_lists(root));
}

std::vector<std::string> load_nus_wide_seen(const std::string& root) {
  return load_label_lists(root).seen;
}

Dataset load_nus_wide(const std::string& root, Split split, const ReadingOptions& options) {
  check_root(root);
  Report report;
  Reader reader(root, options, report);
  Dataset set;
  reader.check(split, set);
  report.raise(root);
  check_names(set, root);
  reader.read_labels(split, set);
  return set;
}

std::pair<Dataset, Dataset> load_nus_wide(const std::string& root, const ReadingOptions& options) {
  check_root(root);
  Report report;
  ReadingOptions train_options = options;
  train_options.limit = 0;
  Reader train_reader(root, train_options, report);
  Reader test_reader(root, options, report);
  Dataset train;
  Dataset test;
  train_reader.check(Split::kTrain, train);
  test_reader.check(Split::kTest, test);
  report.raise(root);
  check_names(test, root);
  train_reader.read_labels(Split::kTrain, train);
  test_reader.read_labels(Split::kTest, test);
  return {std::move(train), std::move(test)};
}

}  // namespace mkt::data
