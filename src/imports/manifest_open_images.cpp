#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/log.h"
#include "core/parallel.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "imports/open_images_choice.h"
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

struct SplitCounts {
  std::int64_t images = 0;
  std::int64_t missing = 0;     ///< images without a file
  std::int64_t unlabelled = 0;  ///< images without seen or unseen labels
  std::int64_t crowded = 0;     ///< training images with more seen labels than allowed
  RowCounts rows;
};

/// Converts label rows to manifest lines, one block of images at a time.
class SplitWriter {
 public:
  SplitWriter(const OpenImagesOptions& options, const OpenImagesClasses& classes,
              const OpenImagesChoice& choice)
      : options_(options), classes_(classes), uses_(classes.size(), Use::kNone) {
    for (const std::int32_t label : choice.seen) uses_[static_cast<std::size_t>(label)] = Use::kSeen;
    for (const std::int32_t label : choice.unseen) uses_[static_cast<std::size_t>(label)] = Use::kUnseen;
  }

  /// Writes the images in the label file `path`; `split` is the name of their folder. Images with more than
  /// `most` seen labels present are left out; 0: no limit.
  SplitCounts write(std::ostream& out, const std::string& path, const std::string& split,
                    std::int64_t most) const {
    const Stopwatch watch;
    const ImageFolders folders(options_.images, split);
    OpenImagesLabels labels(path, classes_, options_.contradictory);
    SplitCounts counts;
    std::vector<VerifiedLabels> block;
    for (bool more = true; more;) {
      more = labels.next();
      if (more) block.push_back(labels.image());
      if (more && block.size() < kBlock) continue;
      write_block(out, folders, block, most, counts);
      block.clear();
    }
    counts.rows = labels.counts();
    log::info("read {} rows of {} in {}", counts.rows.rows, path, duration_text(watch.seconds()));
    return counts;
  }

 private:
  enum class Use : char { kNone, kSeen, kUnseen };

  Use use_of(std::int32_t label) const { return uses_[static_cast<std::size_t>(label)]; }

  /// Returns the ids of the labels that are in the manifest.
  std::vector<std::string> used_ids(Labels labels) const {
    const auto is_other = [&](std::int32_t label) { return use_of(label) == Use::kNone; };
    labels.erase(std::remove_if(labels.begin(), labels.end(), is_other), labels.end());
    return classes_.ids(labels);
  }

  bool is_crowded(const Labels& present, std::int64_t most) const {
    const auto is_seen = [&](std::int32_t label) { return use_of(label) == Use::kSeen; };
    return most > 0 && std::count_if(present.begin(), present.end(), is_seen) > most;
  }

  void write_block(std::ostream& out, const ImageFolders& folders, const std::vector<VerifiedLabels>& block,
                   std::int64_t most, SplitCounts& counts) const {
    std::vector<std::string> files(block.size());
    parallel_for(static_cast<std::int64_t>(block.size()), static_cast<int>(options_.manifest.workers),
                 [&](std::int64_t i) {
                   files[static_cast<std::size_t>(i)] =
                       folders.find(block[static_cast<std::size_t>(i)].image);
                 });
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (is_crowded(block[i].present, most)) {
        ++counts.crowded;
      } else {
        write_image(out, block[i], files[i], counts);
      }
    }
  }

  void write_image(std::ostream& out, const VerifiedLabels& image, const std::string& file,
                   SplitCounts& counts) const {
    const auto present = used_ids(image.present);
    const auto absent = used_ids(image.absent);
    if (present.empty() && absent.empty()) {
      ++counts.unlabelled;
      return;
    }
    TORCH_CHECK(!file.empty() || options_.missing == MissingFile::kDrop, image.where,
                ": expected a file of image ", image.image, " in ", options_.images,
                ", got none. Download it, or drop missing images.");
    if (file.empty()) {
      ++counts.missing;
      return;
    }
    ++counts.images;
    out << manifest_line(file, present, absent, image.where) << "\n";
  }

  const OpenImagesOptions& options_;
  const OpenImagesClasses& classes_;
  std::vector<Use> uses_;  // use of each class in the manifest
};

std::string summary_line(const OpenImagesOptions& options, const std::string& name, const SplitCounts& counts,
                         std::int64_t most) {
  const bool last = options.contradictory == Contradictory::kLast;
  return fmt::format(
      "{}: {} rows, {} repeated, {} labels {} because rows differ; skipped: {} images without a file, "
      "{} without a seen or unseen label{}\n",
      name, counts.rows.rows, counts.rows.repeated, counts.rows.contradictory,
      last ? "set by the last row" : "unknown", counts.missing, counts.unlabelled,
      most > 0 ? fmt::format(", {} with more than {} seen labels", counts.crowded, most) : "");
}

void check_unseen_options(const OpenImagesOptions& options) {
  const bool places = !options.unseen_places.empty();
  TORCH_CHECK_VALUE(places == !options.unseen_pool.empty(), places ? "unseen-places" : "unseen-pool",
                    ": expected the places and the pool together, got one of the two. Give both, or none.");
  TORCH_CHECK_VALUE(!places || options.manifest.unseen.empty(),
                    "unseen-places: cannot be combined with a list of unseen labels, ",
                    options.manifest.unseen, ". Drop one.");
}

void check_options(const OpenImagesOptions& options) {
  check_out(options.manifest);
  check_unseen_options(options);
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
  SplitsWriter(const OpenImagesOptions& options, const OpenImagesClasses& classes,
               const OpenImagesChoice& choice)
      : options_(options), writer_(options, classes, choice) {}

  void write_train(std::ostream& out) {
    const std::int64_t most = options_.max_positives;
    train_ = write(out, options_.train, "train", most);
    if (!options_.validation.empty()) train_ += write(out, options_.validation, "validation", most);
    check_found(train_, options_.train, most);
  }
  void write_test(std::ostream& out) {
    test_ = write(out, options_.test, "test", /*most=*/0);
    check_found(test_, options_.test, /*most=*/0);
  }

  std::string summary(const OpenImagesChoice& choice) const {
    return counts_line(options_.manifest.out, train_, test_, choice.seen.size(), choice.unseen.size()) +
           splits_;
  }

 private:
  std::int64_t write(std::ostream& out, const std::string& path, const std::string& split,
                     std::int64_t most) {
    const SplitCounts counts = writer_.write(out, path, split, most);
    splits_ += summary_line(options_, split, counts, most);
    return counts.images;
  }

  void check_found(std::int64_t images, const std::string& path, std::int64_t most) const {
    TORCH_CHECK(images > 0, path, ": expected images in ", options_.images,
                " with seen or unseen labels, got none. Check the image folder and the label lists",
                most > 0 ? ", or raise max-positives." : ".");
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
  const OpenImagesChoice choice = choose_classes(options, classes);
  ManifestContent content;
  content.images = options.images;
  content.seen = classes.names(choice.seen);
  content.unseen = classes.names(choice.unseen);
  content.classes = data::Classes::kIds;
  content.seen_ids = classes.ids(choice.seen);
  content.unseen_ids = classes.ids(choice.unseen);
  const std::string published = published_line(content.unseen_ids);
  log::info(published);
  SplitsWriter splits(options, classes, choice);
  content.train = [&](std::ostream& out) { splits.write_train(out); };
  content.test = [&](std::ostream& out) { splits.write_test(out); };
  content.origin = data::Origin::kOpenImages;
  check_content(content, options.manifest.out);
  write_manifest_files(options.manifest, content);
  return splits.summary(choice) + published + "\n";
}

}  // namespace mkt::imports
