#include "mkt/data/nus_wide.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/parallel.h"
#include "core/text.h"
#include "data/image_names.h"
#include "data/label_file.h"
#include "io/numbered_lines.h"
#include "mkt/core/error.h"

namespace mkt::data {
namespace {

constexpr std::size_t kExamples = 3;
constexpr const char* kSeenFile = "Concepts925.txt";
constexpr const char* kUnseenFile = "Concepts81.txt";

struct Layout {
  const char* label_file;
  const char* image_list;  // without its ending
};

Layout layout_of(Split split) {
  if (split == Split::kTrain) return {"features/nus_wide_train.h5", "img_names"};
  return {"features/nus_wide_test.h5", "test_img_names"};
}

bool is_file(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Everything that is wrong, to be told at once.
class Report {
 public:
  void add(std::string problem) {
    const bool known = std::find(problems_.begin(), problems_.end(), problem) != problems_.end();
    if (!known) problems_.push_back(std::move(problem));
  }

  /// "3 of 160000 <what> are missing, e.g. a, b" where any are.
  void add_missing(const std::vector<std::string>& missing, std::size_t total, const std::string& what) {
    if (missing.empty()) return;
    std::vector<std::string> examples(
        missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(std::min(kExamples, missing.size())));
    add(cat(missing.size(), " of ", total, " ", what,
            missing.size() == 1 ? " is missing: " : " are missing, e.g. ", join(examples, ", ")));
  }

  /// What `read` gives, or nothing when it throws: that is then noted.
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
    TORCH_CHECK(problems_.empty(), "data-path ", root,
                ": expected NUS-WIDE, got a folder that is incomplete: ", join(problems_, "; "),
                ". Complete or correct it.");
  }

 private:
  std::vector<std::string> problems_;
};

class Reader {
 public:
  Reader(std::string root, const NusWideOptions& options, Report& report)
      : root_(std::move(root)), options_(options), report_(report) {}

  /// Everything but the labels, which read_labels fills in once the report is known to be empty: reading them
  /// takes minutes.
  void check(Split split, Dataset& set) {
    set.seen = concepts(kSeenFile);
    if (split == Split::kTest) set.unseen = concepts(kUnseenFile);
    set.names = image_names(split);
    find_images(set);
    const std::string relative = layout_of(split).label_file;
    if (!is_file(path(relative))) {
      report_.add(relative + " is missing");
      return;
    }
    file_ = report_.guard([&] { return std::make_unique<LabelFile>(path(relative)); });
    if (!file_) return;
    if (split == Split::kTrain) {
      check_labels(relative, set.names, "-labels", set.seen.size(), kSeenFile);
      return;
    }
    const bool both = !set.seen.empty() && !set.unseen.empty();
    check_labels(relative, set.names, "-labels", both ? set.seen.size() + set.unseen.size() : 0,
                 cat(kSeenFile, " with ", kUnseenFile));
    check_labels(relative, set.names, "-labels_81", set.unseen.size(), kUnseenFile);
  }

  void read_labels(Split split, Dataset& set) const {
    set.labels = table(keys_of(set.names, "-labels"));                                       // (N, S [+ U])
    if (split == Split::kTest) set.labels_unseen = table(keys_of(set.names, "-labels_81"));  // (N, U)
  }

  /// A concept file's labels; none, and the reason in the report, where it has none.
  std::vector<std::string> concepts(const std::string& file) {
    if (!is_file(path(file))) {
      report_.add(file + " is missing");
      return {};
    }
    std::vector<std::string> lines = report_.guard([&] { return io::read_lines(path(file)); });
    if (lines.empty()) report_.add(file + " holds no label");
    return lines;
  }

 private:
  std::string path(const std::string& relative) const { return cat(root_, "/", relative); }

  std::vector<std::string> image_names(Split split) {
    std::string list = cat(layout_of(split).image_list, ".pkl");
    if (!is_file(path(list))) list = cat(layout_of(split).image_list, ".txt");
    if (!is_file(path(list))) {
      report_.add(cat(layout_of(split).image_list, ".pkl (or .txt) is missing"));
      return {};
    }
    const bool text = list.back() == 't';
    auto names =
        report_.guard([&] { return text ? io::read_lines(path(list)) : load_image_names(path(list)); });
    if (names.empty()) report_.add(list + " names no image");
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
        set.paths[at] = path("Flickr/" + nus_wide_image_path(set.names[at]));
        found[at] = static_cast<char>(!options_.look_for_images || is_file(set.paths[at]));
      });
      std::vector<std::string> missing;
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] == 0) missing.push_back("Flickr/" + nus_wide_image_path(set.names[i]));
      }
      report_.add_missing(missing, found.size(), "images");
      return true;
    });
  }

  /// In blocks, so that the whole table is never in memory.
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

  // 0 is expected where a concept file is at fault, which is noted already.
  void check_labels(const std::string& relative, const std::vector<std::string>& names,
                    const std::string& ending, std::size_t expected, const std::string& concept_file) {
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
        report_.add(cat(relative, " has ", width, " labels in ", keys.front(), ", but ", concept_file,
                        " has ", expected));
      }
      return true;
    });
  }

  std::string root_;
  NusWideOptions options_;
  Report& report_;
  std::unique_ptr<LabelFile> file_;
};

void check_root(const std::string& root) {
  struct stat status = {};
  TORCH_CHECK(stat(root.c_str(), &status) == 0 && S_ISDIR(status.st_mode), "data-path ", root,
              ": expected the NUS-WIDE folder, got ", stat(root.c_str(), &status) == 0 ? "a file" : "nothing",
              ". Check the path.");
}

}  // namespace

std::string nus_wide_image_path(const std::string& name) {
  const auto last = name.rfind('_');
  const auto split = last == std::string::npos || last == 0 ? std::string::npos : name.rfind('_', last - 1);
  TORCH_CHECK_VALUE(split != std::string::npos && split > 0 && name.find('/') == std::string::npos,
                    "image name ", name,
                    ": expected <class>_<number>_<photo>, got something else. Correct the image list.");
  return cat(name.substr(0, split), "/", name.substr(split + 1));
}

std::vector<std::string> load_label_names(const std::string& root) {
  check_root(root);
  Report report;
  Reader reader(root, {}, report);
  Dataset set;
  set.seen = reader.concepts(kSeenFile);
  set.unseen = reader.concepts(kUnseenFile);
  report.raise(root);
  return all_labels(set);
}

std::vector<std::string> all_labels(const Dataset& set) {
  std::vector<std::string> labels = set.seen;
  labels.insert(labels.end(), set.unseen.begin(), set.unseen.end());
  return labels;
}

Dataset load_nus_wide(const std::string& root, Split split, const NusWideOptions& options) {
  check_root(root);
  Report report;
  Reader reader(root, options, report);
  Dataset set;
  reader.check(split, set);
  report.raise(root);
  reader.read_labels(split, set);
  return set;
}

std::pair<Dataset, Dataset> load_nus_wide(const std::string& root, const NusWideOptions& options) {
  check_root(root);
  Report report;
  NusWideOptions train_options = options;
  train_options.limit = 0;
  Reader train_reader(root, train_options, report);
  Reader test_reader(root, options, report);
  Dataset train;
  Dataset test;
  train_reader.check(Split::kTrain, train);
  test_reader.check(Split::kTest, test);
  report.raise(root);
  train_reader.read_labels(Split::kTrain, train);
  test_reader.read_labels(Split::kTest, test);
  return {std::move(train), std::move(test)};
}

}  // namespace mkt::data
