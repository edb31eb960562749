#include "world/demo_data.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "codecs/encode.h"
#include "core/log.h"
#include "core/parallel.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "data/label_writer.h"
#include "data/nus_wide_layout.h"
#include "io/atomic_file.h"
#include "world/outline.h"
#include "world/paint.h"

namespace mkt::demo {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

enum Use : std::uint64_t { kScene, kPixels };  // purposes of an image's random streams

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

KeyedRandom part_random(const ImageKey& key, Use use) {
  return KeyedRandom(
      {key.seed, static_cast<std::uint64_t>(key.part), static_cast<std::uint64_t>(key.index), use});
}

ObjectCount object_count(const World& own, Part part) {
  switch (part) {
    case Part::kSingle:
    case Part::kPretrainingSingle:
      return {1, 1};
    case Part::kPretraining:
      return own.pretraining;
    default:
      return own.objects;
  }
}

Frequencies frequencies_of(Part part) {
  const bool pretraining = part == Part::kPretraining || part == Part::kPretrainingSingle;
  return pretraining ? Frequencies::kUniform : Frequencies::kWorld;
}

/// Returns an image's name in the NUS-WIDE layout: "test_001_001234.png".
std::string image_name(Part part, std::int64_t index) {
  return fmt::format("{}_{:03}_{:06}.png", part_name(part), index / 1000, index);
}

ordered_json truth_of(const Scene& scene, const std::string& name) {
  const World& own = world(scene.world);
  ordered_json truth = {{"name", name}, {"background", own.backgrounds.at(scene.background).name}};
  truth["objects"] = ordered_json::array();
  const auto tenth = [](double value) { return std::round(10 * value) / 10; };
  for (const Object& object : scene.objects) {
    const Bounds box = bounds(own, object);
    truth["objects"].push_back(
        {{"shape", own.shapes.at(object.shape).name},
         {"colour", own.colours.at(object.colour).name},
         {"texture", own.textures.at(object.texture).name},
         {"box", {tenth(box.left), tenth(box.top), tenth(box.right), tenth(box.bottom)}}});
  }
  return truth;
}

/// Writes an image file without fsync, which would dominate the run time.
void write_image(const std::string& path, const torch::Tensor& image) {
  std::ofstream file(path, std::ios::binary);
  file << image::encode_png(image);
  TORCH_CHECK(file.flush().good(), path,
              ": expected to write an image, got a system error. Check the free disk space.");
}

/// Draws and writes the images in one part and keeps their scenes in memory.
class DrawnPart {
 public:
  DrawnPart(const std::string& root, const DataSetOptions& options, Part part, std::int64_t size)
      : world_(options.world), part_(part) {
    fs::create_directories(fmt::format("{}/{}/{}", root, data::kNusWide.images, part_name(part)));
    scenes_.resize(static_cast<std::size_t>(size));
    const auto seed = static_cast<std::uint64_t>(options.seed);
    parallel_for(size, static_cast<int>(options.workers), [&](std::int64_t i) {
      const ImageKey key{world_, seed, part, i};
      Scene& scene = scenes_[static_cast<std::size_t>(i)];
      scene = part_scene(key);
      write_image(fmt::format("{}/{}", root, data::nus_wide_image_path(image_name(part, i))),
                  paint(scene, part_random(key, kPixels)));
    });
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < scenes_.size(); ++i)
      names.push_back(image_name(part_, static_cast<std::int64_t>(i)));
    return names;
  }

  std::vector<std::string> truth() const {
    std::vector<std::string> lines;
    const auto all = names();
    for (std::size_t i = 0; i < scenes_.size(); ++i) lines.push_back(truth_of(scenes_[i], all[i]).dump());
    return lines;
  }

  /// Returns the label matrix, (N, labels) int8 in {-1, 1}, columns in the order of label_names().
  torch::Tensor labels() const {
    const auto count = static_cast<std::int64_t>(label_names(world_).size());
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
  WorldKind world_;
  Part part_;
  std::vector<Scene> scenes_;
};

torch::Tensor columns(const std::vector<std::size_t>& labels) {
  return torch::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()), torch::kInt64);
}

/// Writes one data set folder in the NUS-WIDE layout.
class Root {
 public:
  Root(std::string path, WorldKind world, const LabelSplit& split)
      : path_(std::move(path)), world_(world), seen_(columns(split.seen)), unseen_(columns(split.unseen)) {
    fs::create_directories(in_folder(data::kNusWide.features));
    write_label_list(data::kNusWide.seen_labels, split.seen);
    write_label_list(data::kNusWide.unseen_labels, split.unseen);
  }

  void share_images() const {
    const std::string images = data::kNusWide.images;
    fs::create_directory_symlink("../" + images, in_folder(images));
  }

  void write_training(const DrawnPart& part) const {
    const auto& files = data::kNusWide.train;
    write_lists(part, files.image_list, "truth_train.jsonl");
    data::LabelWriter writer;
    add(writer, part, data::kNusWide.labels_key, seen_);
    writer.write(in_folder(files.labels));
  }

  void write_test(const DrawnPart& part) const {
    const auto& files = data::kNusWide.test;
    write_lists(part, files.image_list, "truth_test.jsonl");
    data::LabelWriter writer;
    add(writer, part, data::kNusWide.labels_key, torch::cat({seen_, unseen_}));
    add(writer, part, data::kNusWide.unseen_labels_key, unseen_);
    writer.write(in_folder(files.labels));
  }

 private:
  std::string in_folder(const std::string& name) const { return fmt::format("{}/{}", path_, name); }

  void write_label_list(const std::string& file, const std::vector<std::size_t>& labels) const {
    const auto names = label_names(world_);
    std::vector<std::string> lines;
    lines.reserve(labels.size());
    for (const std::size_t label : labels) lines.push_back(names[label]);
    io::write_lines(in_folder(file), lines);
  }

  void write_lists(const DrawnPart& part, const std::string& list, const std::string& truth) const {
    io::write_lines(in_folder(list + ".txt"), part.names());
    io::write_lines(in_folder(truth), part.truth());
  }

  static void add(data::LabelWriter& writer, const DrawnPart& part, const std::string& ending,
                  const torch::Tensor& which) {
    const torch::Tensor labels = part.labels().index_select(1, which);  // (N, C)
    const auto names = part.names();
    for (std::size_t i = 0; i < names.size(); ++i)
      writer.add(names[i] + ending, labels[static_cast<std::int64_t>(i)]);
  }

  std::string path_;
  WorldKind world_;
  torch::Tensor seen_;
  torch::Tensor unseen_;
};

void make_folder(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  TORCH_CHECK(!failure, "output: expected a folder, got '", path,
              "', which cannot be made: ", failure.message(), ". Choose another.");
  TORCH_CHECK_VALUE(fs::is_empty(path), "output: expected a new or empty folder, got '", path,
                    "', which has files. Choose another, or remove it.");
}

}  // namespace

Scene part_scene(const ImageKey& key) {
  KeyedRandom random = part_random(key, kScene);
  return draw_scene(key.world, random, object_count(world(key.world), key.part), frequencies_of(key.part));
}

torch::Tensor part_image(const ImageKey& key) {
  return paint(part_scene(key), part_random(key, kPixels));
}

std::string write_data_set(const DataSetOptions& options) {
  const Stopwatch watch;
  make_folder(options.output);
  const LabelSplit split = split_labels(options.world, static_cast<std::uint64_t>(options.split));
  const Root root(options.output, options.world, split);
  const DrawnPart train(options.output, options, Part::kTrain, options.train);
  root.write_training(train);
  root.write_test(DrawnPart(options.output, options, Part::kTest, options.test));
  if (options.validation > 0) {
    const Root validation(options.output + "/validation", options.world, split);
    validation.share_images();
    validation.write_training(train);
    validation.write_test(DrawnPart(options.output, options, Part::kValidation, options.validation));
  }
  if (options.single > 0) {
    const Root single(options.output + "/single", options.world, split);
    single.share_images();
    single.write_test(DrawnPart(options.output, options, Part::kSingle, options.single));
  }
  log::info("drew {} images in {}", options.train + options.test + options.validation + options.single,
            duration_text(watch.seconds()));
  return fmt::format(
      "{}: {} images for training, {} for validation, {} for test, {} of one object; {} seen and {} unseen "
      "labels",
      options.output, options.train, options.validation, options.test, options.single, split.seen.size(),
      split.unseen.size());
}

}  // namespace mkt::demo
