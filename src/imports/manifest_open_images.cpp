#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <system_error>
#include <utility>

#include "core/log.h"
#include "core/parallel.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "imports/open_images_classes.h"
#include "imports/open_images_labels.h"
#include "io/file_checks.h"
#include "lists/image_names.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;
using Labels = std::vector<std::int32_t>;

constexpr std::size_t kBlock = 4096;  // number of images whose files are looked up in one parallel batch

/// Folders that may contain the images of a split: the split's own folder, its archives' folders (train_0 …),
/// or the image folder itself.
class ImageFolders {
 public:
  ImageFolders(std::string images, const std::string& split) : images_(std::move(images)) {
    const auto add = [&](const std::string& folder) {
      if (fs::is_directory(fs::path(images_) / folder)) folders_.push_back(folder);
    };
    add(split + "/");
    for (const char digit : std::string("0123456789abcdef")) add(fmt::format("{}_{}/", split, digit));
    folders_.emplace_back();
  }

  /// Returns the path of an image's file relative to the image folder; "" if there is none. Thread-safe.
  std::string find(const std::string& id) const {
    for (const std::string& folder : folders_) {
      if (is_archive(folder) && folder[folder.size() - 2] != id.front()) continue;
      std::string relative = data::find_jpeg(images_, folder + id);
      if (!relative.empty()) return relative;
    }
    return "";
  }

 private:
  static bool is_archive(const std::string& folder) {
    return folder.size() > 3 && folder[folder.size() - 3] == '_';
  }

  std::string images_;
  std::vector<std::string> folders_;
};

/// Labels chosen for the manifest.
struct Choice {
  Labels seen;
  Labels unseen;
};

/// Counts the test images per label, whether or not their files exist.
std::vector<std::int64_t> test_counts(const OpenImagesOptions& options, const OpenImagesClasses& classes) {
  std::vector<std::int64_t> counts(classes.names().size());
  OpenImagesLabels labels(options.test, classes);
  while (labels.next()) {
    for (const std::int32_t label : labels.image().present) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

/// Returns the labels that are most frequent in the test images, except seen labels; among equally frequent
/// labels, the one described first in the class file is preferred.
Labels most_frequent(const OpenImagesOptions& options, const OpenImagesClasses& classes, const Labels& seen) {
  std::vector<std::int64_t> counts = test_counts(options, classes);
  for (const std::int32_t label : seen) counts[static_cast<std::size_t>(label)] = 0;
  const auto count_of = [&](std::int32_t label) { return counts[static_cast<std::size_t>(label)]; };
  Labels labels(counts.size());
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

Choice choose(const OpenImagesOptions& options, const OpenImagesClasses& classes) {
  const ManifestOptions& manifest = options.manifest;
  Choice choice;
  choice.seen = classes.labels_in(manifest.seen.empty() ? options.trainable : manifest.seen);
  choice.unseen = manifest.unseen.empty() ? most_frequent(options, classes, choice.seen)
                                          : classes.labels_in(manifest.unseen);
  Labels both = choice.seen;
  both.insert(both.end(), choice.unseen.begin(), choice.unseen.end());
  std::sort(both.begin(), both.end());
  const auto twice = std::adjacent_find(both.begin(), both.end());
  TORCH_CHECK(twice == both.end(), "label lists: expected each label to be either seen or unseen, got '",
              classes.names()[static_cast<std::size_t>(twice == both.end() ? 0 : *twice)],
              "' in both lists. Remove one of the two.");
  return choice;
}

struct SplitCounts {
  std::int64_t images = 0;
  std::int64_t missing = 0;     ///< images without a file
  std::int64_t unlabelled = 0;  ///< images without seen or unseen labels
  RowCounts rows;
};

/// Converts label rows to manifest lines, one block of images at a time.
class SplitWriter {
 public:
  SplitWriter(const OpenImagesOptions& options, const OpenImagesClasses& classes, const Choice& choice)
      : options_(options), classes_(classes), used_(classes.names().size()) {
    for (const Labels* labels : {&choice.seen, &choice.unseen}) {
      for (const std::int32_t label : *labels) used_[static_cast<std::size_t>(label)] = 1;
    }
  }

  /// Writes the images in the label file `path`; `split` is the name of their folder.
  SplitCounts write(std::ostream& out, const std::string& path, const std::string& split) const {
    const Stopwatch watch;
    const ImageFolders folders(options_.images, split);
    OpenImagesLabels labels(path, classes_);
    SplitCounts counts;
    std::vector<VerifiedLabels> block;
    for (bool more = true; more;) {
      more = labels.next();
      if (more) block.push_back(labels.image());
      if (more && block.size() < kBlock) continue;
      write_block(out, folders, block, counts);
      block.clear();
    }
    counts.rows = labels.counts();
    log::info("read {} rows of {} in {}", counts.rows.rows, path, duration_text(watch.seconds()));
    return counts;
  }

 private:
  /// Returns the names of the labels that are in the manifest.
  std::vector<std::string> used_names(Labels labels) const {
    const auto is_other = [&](std::int32_t label) { return used_[static_cast<std::size_t>(label)] == 0; };
    labels.erase(std::remove_if(labels.begin(), labels.end(), is_other), labels.end());
    return classes_.names_of(labels);
  }

  void write_block(std::ostream& out, const ImageFolders& folders, const std::vector<VerifiedLabels>& block,
                   SplitCounts& counts) const {
    std::vector<std::string> files(block.size());
    parallel_for(static_cast<std::int64_t>(block.size()), static_cast<int>(options_.manifest.workers),
                 [&](std::int64_t i) {
                   files[static_cast<std::size_t>(i)] =
                       folders.find(block[static_cast<std::size_t>(i)].image);
                 });
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto present = used_names(block[i].present);
      const auto absent = used_names(block[i].absent);
      if (present.empty() && absent.empty()) {
        ++counts.unlabelled;
        continue;
      }
      TORCH_CHECK(!files[i].empty() || options_.missing == MissingFile::kDrop, block[i].where,
                  ": expected a file of image ", block[i].image, " in ", options_.images,
                  ", got none. Download it, or drop missing images.");
      if (files[i].empty()) {
        ++counts.missing;
        continue;
      }
      ++counts.images;
      out << manifest_line(files[i], present, absent, block[i].where) << "\n";
    }
  }

  const OpenImagesOptions& options_;
  const OpenImagesClasses& classes_;
  std::vector<char> used_;  // whether each label is in the manifest
};

std::string summary_line(const std::string& name, const SplitCounts& counts) {
  return fmt::format(
      "{}: {} rows, {} repeated, {} labels unknown because rows differ; skipped: {} images without a file, "
      "{} without a seen or unseen label\n",
      name, counts.rows.rows, counts.rows.repeated, counts.rows.contradictory, counts.missing,
      counts.unlabelled);
}

void check_options(const OpenImagesOptions& options) {
  check_out(options.manifest);
  TORCH_CHECK_VALUE(
      !options.trainable.empty() || !options.manifest.seen.empty(),
      "trainable: expected a file with the seen classes, got none. Give one, or a list of seen labels.");
  TORCH_CHECK_VALUE(fs::is_directory(options.images), "images: expected a folder, got '", options.images,
                    "', which is not one. Check the path.");
  for (const std::string& other : {options.train, options.validation}) {
    TORCH_CHECK_VALUE(other != options.test, "test: expected a file that is not used for training, got ",
                      options.test, ". Give the labels of the test split.");
  }
}

/// Writes both splits of a manifest and collects their counts.
class SplitsWriter {
 public:
  SplitsWriter(const OpenImagesOptions& options, const OpenImagesClasses& classes, const Choice& choice)
      : options_(options), writer_(options, classes, choice) {}

  void write_train(std::ostream& out) {
    train_ = write(out, options_.train, "train");
    if (!options_.validation.empty()) train_ += write(out, options_.validation, "validation");
    check_found(train_, options_.train);
  }
  void write_test(std::ostream& out) {
    test_ = write(out, options_.test, "test");
    check_found(test_, options_.test);
  }

  std::string summary(const Choice& choice) const {
    return counts_line(options_.manifest.out, train_, test_, choice.seen.size(), choice.unseen.size()) +
           splits_;
  }

 private:
  std::int64_t write(std::ostream& out, const std::string& path, const std::string& split) {
    const SplitCounts counts = writer_.write(out, path, split);
    splits_ += summary_line(split, counts);
    return counts.images;
  }

  void check_found(std::int64_t images, const std::string& path) const {
    TORCH_CHECK(images > 0, path, ": expected images in ", options_.images,
                " with seen or unseen labels, got none. Check the image folder and the label lists.");
  }

  const OpenImagesOptions& options_;
  SplitWriter writer_;
  std::int64_t train_ = 0;
  std::int64_t test_ = 0;
  std::string splits_;  // summary with one line per label file
};

}  // namespace

std::string import_open_images(const OpenImagesOptions& options) {
  check_options(options);
  const OpenImagesClasses classes(options.classes);
  const Choice choice = choose(options, classes);
  SplitsWriter splits(options, classes, choice);
  write_manifest_files(options.manifest,
                       {options.images, classes.names_of(choice.seen), classes.names_of(choice.unseen),
                        data::Classes::kIds, [&](std::ostream& out) { splits.write_train(out); },
                        [&](std::ostream& out) { splits.write_test(out); }, data::Origin::kOpenImages});
  return splits.summary(choice);
}

}  // namespace mkt::imports
