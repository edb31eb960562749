#include "nus_wide/nus_wide_import.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "data/label_writer.h"
#include "data/nus_wide_layout.h"
#include "io/atomic_file.h"
#include "lists/image_names.h"
#include "mkt/torch.h"
#include "nus_wide/image_index.h"
#include "nus_wide/linking.h"
#include "nus_wide/nus_wide_raw.h"
#include "nus_wide/nus_wide_summary.h"
#include "nus_wide/selection.h"

namespace mkt::nus_wide {
namespace {

namespace fs = std::filesystem;

constexpr const char* kJournal = "pictures.jsonl";

std::string images_folder(const NusWideImportOptions& options) {
  if (!options.pictures.empty()) return options.pictures;
  std::error_code none;
  for (const char* name : {"Flickr", "flickr", "images", "Images", "image"}) {
    std::string folder = fmt::format("{}/{}", options.raw, name);
    if (fs::is_directory(folder, none)) return folder;
  }
  TORCH_CHECK_VALUE(!fs::is_directory(options.raw, none), "pictures: expected the image folder, because ",
                    options.raw, " has neither Flickr nor images. Give it.");
  return "";  // read_raw reports that `raw` is not a folder
}

/// Returns whether `inside` equals `folder` or is inside it.
bool lies_in(const fs::path& inside, const fs::path& folder) {
  const fs::path relative = fs::weakly_canonical(inside).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

void make_out(const NusWideImportOptions& options, const std::string& images) {
  const bool apart = !lies_in(options.out, options.raw) && !lies_in(options.raw, options.out) &&
                     !lies_in(options.out, images) && !lies_in(images, options.out);
  TORCH_CHECK_VALUE(apart, "out: expected a folder outside those of the release and its images, got '",
                    options.out, "'. Choose another.");
  std::error_code problem;
  fs::create_directories(options.out, problem);
  TORCH_CHECK(!problem, "out: expected a folder, got '", options.out,
              "', which cannot be made: ", problem.message(), ". Choose another.");
  TORCH_CHECK_VALUE(fs::is_empty(options.out) || fs::exists(fmt::format("{}/{}", options.out, kJournal)),
                    "out: expected a new or empty folder, or that of an earlier run, got '", options.out,
                    "', which has other files. Choose another.");
}

/// Writes the files of one split in the NUS-WIDE layout.
class Writer {
 public:
  Writer(const NusWideImportOptions& options, const RawSplit& split, const std::vector<std::string>& paths,
         Selection selection)
      : options_(options), split_(split), paths_(paths), selection_(std::move(selection)) {}

  const Selection& selection() const { return selection_; }

  void link() const {
    std::vector<Link> links;
    std::vector<char> kept(split_.images.size());
    for (const std::size_t row : selection_.kept) {
      kept[row] = 1;
      links.push_back({paths_[row], target(row)});
    }
    std::error_code none;
    for (std::size_t row = 0; row < kept.size(); ++row) {
      if (kept[row] == 0) {  // the file may be left from an earlier run with other rules
        fs::remove(target(row), none);
        fs::remove(target(row) + kHalfLink, none);
      }
    }
    make_links(links, options_.link, static_cast<int>(options_.workers));
  }

  void write(const data::NusWideLayout::SplitFiles& files) const {
    std::vector<std::string> names;
    for (const std::size_t row : selection_.kept) names.push_back(split_.images[row].name());
    const std::string list = fmt::format("{}/{}", options_.out, files.image_list);
    io::write_lines(list + ".txt", names);
    data::save_image_names(list + ".pkl", names);
    data::LabelWriter writer;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t row = selection_.kept[i];
      const torch::Tensor seen = vector_of(split_.seen, row);  // (S)
      if (split_.unseen.columns == 0) {
        writer.add(names[i] + data::kNusWide.labels_key, seen);
        continue;
      }
      const torch::Tensor unseen = vector_of(split_.unseen, row);  // (U)
      writer.add(names[i] + data::kNusWide.labels_key, torch::cat({seen, unseen}));
      writer.add(names[i] + data::kNusWide.unseen_labels_key, unseen);
    }
    writer.write(fmt::format("{}/{}", options_.out, files.labels));
  }

 private:
  std::string target(std::size_t row) const {
    const RawImage& image = split_.images[row];
    return fmt::format("{}/{}/{}/{}", options_.out, data::kNusWide.images, image.folder, image.file);
  }

  static torch::Tensor vector_of(const LabelTable& table, std::size_t row) {
    const auto size = static_cast<std::int64_t>(table.columns);
    return torch::from_blob(const_cast<std::int8_t*>(table.row(row)), {size}, torch::kInt8);
  }

  const NusWideImportOptions& options_;
  const RawSplit& split_;
  const std::vector<std::string>& paths_;
  Selection selection_;
};

RawNusWide read_raw(const NusWideImportOptions& options, const std::string& images) {
  const Stopwatch watch;
  RawOptions raw;
  raw.root = options.raw;
  raw.images = images;
  raw.human = options.test_labels == TestLabels::kHuman;
  raw.workers = static_cast<int>(options.workers);
  RawNusWide release = read_raw_nus_wide(raw);
  log::info("read the labels of {} training and {} test images in {}", release.train.images.size(),
            release.test.images.size(), duration_text(watch.seconds()));
  return release;
}

std::vector<std::string> find_images(const RawNusWide& raw, const ImageIndex& index) {
  std::vector<std::string> paths;
  for (const RawSplit* split : {&raw.train, &raw.test}) {
    for (const RawImage& image : split->images) paths.push_back(index.find(image));
  }
  return paths;
}

/// Returns the elements of `all` that belong to one split; `all` contains the training images, then the test
/// images.
template <typename T>
std::vector<T> part_of(const std::vector<T>& all, const RawNusWide& raw, bool train) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(raw.train.images.size());
  return train ? std::vector<T>(all.begin(), middle) : std::vector<T>(middle, all.end());
}

}  // namespace

std::string import_nus_wide(const NusWideImportOptions& options) {
  const std::string images = images_folder(options);
  const RawNusWide raw = read_raw(options, images);
  const ImageIndex index(images);
  make_out(options, images);
  const std::vector<std::string> paths = find_images(raw, index);
  const auto facts = check::examine_images(paths, fmt::format("{}/{}", options.out, kJournal),
                                           static_cast<int>(options.workers));
  const auto train_paths = part_of(paths, raw, true);
  const auto test_paths = part_of(paths, raw, false);
  const Writer train(options, raw.train, train_paths,
                     select(raw.train, data::Split::kTrain, part_of(facts, raw, true), options));
  const Writer test(options, raw.test, test_paths,
                    select(raw.test, data::Split::kTest, part_of(facts, raw, false), options));
  const InterruptDelay until_written;
  const std::string root = options.out + "/";
  fs::create_directories(root + data::kNusWide.features);
  io::remove_unfinished(options.out);
  io::remove_unfinished(root + data::kNusWide.features);
  train.link();
  test.link();
  io::write_lines(root + data::kNusWide.seen_labels, raw.seen);
  io::write_lines(root + data::kNusWide.unseen_labels, raw.unseen);
  train.write(data::kNusWide.train);
  test.write(data::kNusWide.test);
  return write_summary(options, raw, index.size(), train.selection(), test.selection());
}

}  // namespace mkt::nus_wide
