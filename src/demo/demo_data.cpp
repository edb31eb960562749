#include "demo/demo_data.h"

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/log.h"
#include "core/parallel.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "data/label_writer.h"
#include "demo/outline.h"
#include "demo/paint.h"
#include "image/encode.h"
#include "io/atomic_file.h"
#include "mkt/data/nus_wide.h"

namespace mkt::demo {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

enum Use : std::uint64_t { kScene, kPixels };  // what a picture's randomness is for

const char* part_name(Part part) {
  switch (part) {
    case Part::kTrain:
      return "train";
    case Part::kValidation:
      return "validation";
    case Part::kTest:
      return "test";
    case Part::kSingle:
      return "single";
    case Part::kPretraining:
      return "pretraining";
    case Part::kPretrainingSingle:
      return "pretraining_single";
  }
  return "?";
}

KeyedRandom part_random(std::uint64_t seed, Part part, std::int64_t index, Use use) {
  return KeyedRandom({seed, static_cast<std::uint64_t>(part), static_cast<std::uint64_t>(index), use});
}

/// Least and most objects of a picture. Those to train and test on hold more than a caption names.
std::pair<int, int> object_counts(Part part) {
  switch (part) {
    case Part::kSingle:
    case Part::kPretrainingSingle:
      return {1, 1};
    case Part::kPretraining:
      return {1, 4};
    default:
      return {2, 6};
  }
}

/// "test_001_1234.png": a file's last two parts, behind the folder's name.
std::string picture_name(Part part, std::int64_t index) {
  std::ostringstream name;
  name << part_name(part) << "_" << std::setfill('0') << std::setw(3) << index / 1000 << "_" << std::setw(6)
       << index << ".png";
  return name.str();
}

ordered_json truth_of(const Scene& scene, const std::string& name) {
  ordered_json truth = {{"name", name}, {"background", kBackgrounds.at(scene.background)}};
  truth["objects"] = ordered_json::array();
  const auto tenth = [](double value) { return std::round(10 * value) / 10; };
  for (const Object& object : scene.objects) {
    const Bounds box = bounds(object);
    truth["objects"].push_back(
        {{"shape", kShapes.at(object.shape)},
         {"colour", kColours.at(object.colour)},
         {"texture", kTextures.at(object.texture)},
         {"box", {tenth(box.left), tenth(box.top), tenth(box.right), tenth(box.bottom)}}});
  }
  return truth;
}

/// A picture's file; not one by one made sure to be on the disk, which would take most of the time.
void write_picture(const std::string& path, const torch::Tensor& picture) {
  std::ofstream file(path, std::ios::binary);
  file << image::encode_png(picture);
  TORCH_CHECK(file.flush().good(), path,
              ": expected to write a picture, got an error of the system. Is the disk full?");
}

/// Scenes of one part of the data set, whose pictures have been written.
class DrawnPart {
 public:
  DrawnPart(const std::string& root, const DataSetOptions& options, Part part, std::int64_t size)
      : part_(part) {
    fs::create_directories(cat(root, "/Flickr/", part_name(part)));
    scenes_.resize(static_cast<std::size_t>(size));
    const auto seed = static_cast<std::uint64_t>(options.seed);
    parallel_for(size, static_cast<int>(options.workers), [&](std::int64_t i) {
      Scene& scene = scenes_[static_cast<std::size_t>(i)];
      scene = part_scene(seed, part, i);
      write_picture(cat(root, "/Flickr/", data::nus_wide_image_path(picture_name(part, i))),
                    paint(scene, part_random(seed, part, i, kPixels)));
    });
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < scenes_.size(); ++i)
      names.push_back(picture_name(part_, static_cast<std::int64_t>(i)));
    return names;
  }

  std::vector<std::string> truth() const {
    std::vector<std::string> lines;
    const auto all = names();
    for (std::size_t i = 0; i < scenes_.size(); ++i) lines.push_back(truth_of(scenes_[i], all[i]).dump());
    return lines;
  }

  /// (N, labels) int8 in {-1, 1}, in the order of label_names().
  torch::Tensor labels() const {
    const auto count = static_cast<std::int64_t>(label_names().size());
    torch::Tensor labels = torch::full({static_cast<std::int64_t>(scenes_.size()), count}, -1, torch::kInt8);
    auto rows = labels.accessor<std::int8_t, 2>();
    for (std::size_t i = 0; i < scenes_.size(); ++i) {
      for (const std::size_t label : present_labels(scenes_[i])) {
        rows[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(label)] = 1;
      }
    }
    return labels;
  }

 private:
  Part part_;
  std::vector<Scene> scenes_;
};

torch::Tensor columns(const std::vector<std::size_t>& labels) {
  return torch::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()), torch::kInt64);
}

/// One folder in the NUS-WIDE layout.
class Root {
 public:
  Root(std::string path, const LabelSplit& split)
      : path_(std::move(path)), seen_(columns(split.seen)), unseen_(columns(split.unseen)) {
    fs::create_directories(path_ + "/features");
    write_concepts("Concepts925.txt", split.seen);
    write_concepts("Concepts81.txt", split.unseen);
  }

  void share_pictures() const { fs::create_directory_symlink("../Flickr", path_ + "/Flickr"); }

  void write_training(const DrawnPart& part) const {
    write_lists(part, "img_names.txt", "truth_train.jsonl");
    data::LabelWriter writer;
    add(writer, part, "-labels", seen_);
    writer.write(path_ + "/features/nus_wide_train.h5");
  }

  void write_test(const DrawnPart& part) const {
    write_lists(part, "test_img_names.txt", "truth_test.jsonl");
    data::LabelWriter writer;
    add(writer, part, "-labels", torch::cat({seen_, unseen_}));
    add(writer, part, "-labels_81", unseen_);
    writer.write(path_ + "/features/nus_wide_test.h5");
  }

 private:
  void write_concepts(const std::string& file, const std::vector<std::size_t>& labels) const {
    const auto names = label_names();
    std::vector<std::string> lines;
    for (const std::size_t label : labels) lines.push_back(names[label]);
    io::write_lines(cat(path_, "/", file), lines);
  }

  void write_lists(const DrawnPart& part, const std::string& names, const std::string& truth) const {
    io::write_lines(cat(path_, "/", names), part.names());
    io::write_lines(cat(path_, "/", truth), part.truth());
  }

  static void add(data::LabelWriter& writer, const DrawnPart& part, const std::string& ending,
                  const torch::Tensor& which) {
    const torch::Tensor labels = part.labels().index_select(1, which);  // (N, C)
    const auto names = part.names();
    for (std::size_t i = 0; i < names.size(); ++i)
      writer.add(names[i] + ending, labels[static_cast<std::int64_t>(i)]);
  }

  std::string path_;
  torch::Tensor seen_;
  torch::Tensor unseen_;
};

void make_folder(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  TORCH_CHECK(!failure, "--output: expected a folder, got '", path,
              "', which cannot be made: ", failure.message(), ". Name another.");
  TORCH_CHECK_VALUE(fs::is_empty(path), "--output: expected a new or empty folder, got '", path,
                    "', which holds files. Name another, or remove it.");
}

}  // namespace

Scene part_scene(std::uint64_t seed, Part part, std::int64_t index) {
  const auto [least, most] = object_counts(part);
  KeyedRandom random = part_random(seed, part, index, kScene);
  return draw_scene(random, least, most);
}

torch::Tensor part_picture(std::uint64_t seed, Part part, std::int64_t index) {
  return paint(part_scene(seed, part, index), part_random(seed, part, index, kPixels));
}

std::string write_data_set(const DataSetOptions& options) {
  const Stopwatch watch;
  make_folder(options.output);
  const LabelSplit split = split_labels(static_cast<std::uint64_t>(options.split));
  const Root root(options.output, split);
  const DrawnPart train(options.output, options, Part::kTrain, options.train);
  root.write_training(train);
  root.write_test(DrawnPart(options.output, options, Part::kTest, options.test));
  if (options.validation > 0) {
    const Root validation(options.output + "/validation", split);
    validation.share_pictures();
    validation.write_training(train);
    validation.write_test(DrawnPart(options.output, options, Part::kValidation, options.validation));
  }
  if (options.single > 0) {
    const Root single(options.output + "/single", split);
    single.share_pictures();
    single.write_test(DrawnPart(options.output, options, Part::kSingle, options.single));
  }
  log::info(cat("drew ", options.train + options.test + options.validation + options.single, " pictures in ",
                duration_text(watch.seconds())));
  return cat(options.output, ": ", options.train, " pictures to train, ", options.validation,
             " to validate, ", options.test, " to test, ", options.single, " of one object; ",
             split.seen.size(), " seen and ", split.unseen.size(), " unseen labels");
}

}  // namespace mkt::demo
