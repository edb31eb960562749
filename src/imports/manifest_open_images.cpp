#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cctype>
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

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;
using Labels = std::vector<std::int32_t>;

constexpr std::size_t kBlock = 4096;  // pictures looked for at once
constexpr std::array<const char*, 4> kEndings = {".jpg", ".JPG", ".jpeg", ".JPEG"};

/// Where a split's pictures may lie: its folder, those that its archives unpack to, or that of all pictures.
class PictureFolders {
 public:
  PictureFolders(std::string images, const std::string& split) : images_(std::move(images)) {
    const auto add = [&](const std::string& folder) {
      if (fs::is_directory(fs::path(images_) / folder)) folders_.push_back(folder);
    };
    add(split + "/");
    for (const char digit : std::string("0123456789abcdef")) add(cat(split, "_", digit, "/"));
    folders_.emplace_back();
  }

  /// Relative to the folder of all pictures; "" where there is none. Thread-safe.
  std::string find(const std::string& id) const {
    for (const std::string& folder : folders_) {
      if (is_archive(folder) && folder[folder.size() - 2] != id.front()) continue;
      for (const char* ending : kEndings) {
        std::string relative = folder + id + ending;
        std::error_code none;
        if (fs::is_regular_file(fs::path(images_) / relative, none)) return relative;
      }
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

/// The labels that count, seen then unseen.
struct Choice {
  Labels seen;
  Labels unseen;
};

/// How many pictures of the test split show each label, whether their files are there or not.
std::vector<std::int64_t> test_counts(const OpenImagesOptions& options, const OpenImagesClasses& classes) {
  std::vector<std::int64_t> counts(classes.names().size());
  OpenImagesLabels labels(options.test, classes);
  while (labels.next()) {
    for (const std::int32_t label : labels.picture().present) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

/// The labels that most test pictures show of those that are not seen; of equally many, the first described.
Labels most_frequent(const OpenImagesOptions& options, const OpenImagesClasses& classes, const Labels& seen) {
  std::vector<std::int64_t> counts = test_counts(options, classes);
  for (const std::int32_t label : seen) counts[static_cast<std::size_t>(label)] = 0;
  const auto count_of = [&](std::int32_t label) { return counts[static_cast<std::size_t>(label)]; };
  Labels labels(counts.size());
  std::iota(labels.begin(), labels.end(), 0);
  labels.erase(
      std::remove_if(labels.begin(), labels.end(), [&](std::int32_t label) { return count_of(label) == 0; }),
      labels.end());
  TORCH_CHECK(static_cast<std::int64_t>(labels.size()) >= options.unseen_count, options.test, ": expected ",
              options.unseen_count,
              " labels (--unseen-count) that are not seen and that a picture shows, got ", labels.size(),
              ". Lower it, or name them with --unseen.");
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
  TORCH_CHECK(twice == both.end(),
              "--seen (or --trainable) and --unseen: expected each label in one of them, got '",
              classes.names()[static_cast<std::size_t>(twice == both.end() ? 0 : *twice)],
              "' in both. Drop one of the two.");
  return choice;
}

struct SplitCounts {
  std::int64_t pictures = 0;
  std::int64_t missing = 0;
  std::int64_t unlabelled = 0;  ///< without any of the labels that count
  RowCounts rows;
};

/// Turns rows into lines, block by block.
class SplitWriter {
 public:
  SplitWriter(const OpenImagesOptions& options, const OpenImagesClasses& classes, const Choice& choice)
      : options_(options), classes_(classes), counts_(classes.names().size()) {
    for (const Labels* labels : {&choice.seen, &choice.unseen}) {
      for (const std::int32_t label : *labels) counts_[static_cast<std::size_t>(label)] = 1;
    }
  }

  /// `split` names the folder of its pictures.
  SplitCounts write(std::ostream& out, const std::string& path, const std::string& split) const {
    const Stopwatch watch;
    const PictureFolders folders(options_.images, split);
    OpenImagesLabels labels(path, classes_);
    SplitCounts counts;
    std::vector<VerifiedLabels> block;
    for (bool more = true; more;) {
      more = labels.next();
      if (more) block.push_back(labels.picture());
      if (more && block.size() < kBlock) continue;
      write_block(out, folders, block, counts);
      block.clear();
    }
    counts.rows = labels.counts();
    log::info(cat("read ", counts.rows.rows, " rows of ", path, " in ", duration_text(watch.seconds())));
    return counts;
  }

 private:
  std::vector<std::string> names_of(const Labels& labels) const {
    std::vector<std::string> names;
    for (const std::int32_t label : labels) {
      if (counts_[static_cast<std::size_t>(label)] != 0)
        names.push_back(classes_.names()[static_cast<std::size_t>(label)]);
    }
    return names;
  }

  void write_block(std::ostream& out, const PictureFolders& folders, const std::vector<VerifiedLabels>& block,
                   SplitCounts& counts) const {
    std::vector<std::string> files(block.size());
    parallel_for(static_cast<std::int64_t>(block.size()), static_cast<int>(options_.manifest.workers),
                 [&](std::int64_t i) {
                   files[static_cast<std::size_t>(i)] =
                       folders.find(block[static_cast<std::size_t>(i)].image);
                 });
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto present = names_of(block[i].present);
      const auto absent = names_of(block[i].absent);
      if (present.empty() && absent.empty()) {
        ++counts.unlabelled;
        continue;
      }
      TORCH_CHECK(!files[i].empty() || options_.missing == "drop", block[i].where,
                  ": expected a picture under ", options_.images, ", got none of ", block[i].image,
                  ". Get it, or give --missing drop.");
      if (files[i].empty()) {
        ++counts.missing;
        continue;
      }
      ++counts.pictures;
      out << manifest_line(files[i], present, absent, block[i].where) << "\n";
    }
  }

  const OpenImagesOptions& options_;
  const OpenImagesClasses& classes_;
  std::vector<char> counts_;  // whether a label counts
};

std::vector<std::string> names_of(const Labels& labels, const OpenImagesClasses& classes) {
  std::vector<std::string> names;
  for (const std::int32_t label : labels) names.push_back(classes.names()[static_cast<std::size_t>(label)]);
  return names;
}

std::string summary_line(const std::string& name, const SplitCounts& counts) {
  return cat(name, ": ", counts.rows.rows, " rows, ", counts.rows.repeated, " repeated, ",
             counts.rows.contradictory,
             " labels left unknown by rows that differ; left out: ", counts.missing,
             " pictures without a file, ", counts.unlabelled, " without a label that counts\n");
}

void check_options(const OpenImagesOptions& options) {
  check_out(options.manifest);
  TORCH_CHECK_VALUE(!options.trainable.empty() || !options.manifest.seen.empty(),
                    "--trainable: expected a file of the seen classes, or --seen, got neither. Give one.");
  TORCH_CHECK_VALUE(fs::is_directory(options.images), "--images: expected a folder, got '", options.images,
                    "', which is none. Check the path.");
  for (const std::string& other : {options.train, options.validation}) {
    TORCH_CHECK_VALUE(other != options.test, "--test: expected another file than those to train on, got ",
                      options.test, ". Give the test split's.");
  }
}

}  // namespace

std::string import_open_images(const OpenImagesOptions& options) {
  check_options(options);
  const OpenImagesClasses classes(options.classes);
  const Choice choice = choose(options, classes);
  const SplitWriter writer(options, classes, choice);
  std::string summary;
  const auto write = [&](std::ostream& out, const std::string& path, const std::string& split) {
    if (path.empty()) return std::int64_t{0};
    const SplitCounts counts = writer.write(out, path, split);
    summary += summary_line(split, counts);
    return counts.pictures;
  };
  std::int64_t train = 0;
  std::int64_t test = 0;
  const auto check_found = [&](std::int64_t pictures, const std::string& path) {
    TORCH_CHECK(pictures > 0, path, ": expected pictures under ", options.images,
                " with labels that count, got none. Check --images and the lists of labels.");
  };
  write_manifest_files(options.manifest,
                       {options.images, names_of(choice.seen, classes), names_of(choice.unseen, classes),
                        [&](std::ostream& out) {
                          train = write(out, options.train, "train");
                          train += write(out, options.validation, "validation");
                          check_found(train, options.train);
                        },
                        [&](std::ostream& out) {
                          test = write(out, options.test, "test");
                          check_found(test, options.test);
                        }});
  return cat(options.manifest.out, ": ", train, " pictures to train, ", test, " to test; ",
             choice.seen.size(), " seen labels, ", choice.unseen.size(), " unseen\n", summary);
}

}  // namespace mkt::imports
