#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/log.h"
#include "core/text.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "io/json.h"
#include "io/text_stream.h"
#include "lists/label_list.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::vector<std::int64_t>;

// Nesting depth of the top-level lists and of their items in the instances JSON.
constexpr int kListDepth = 1;
constexpr int kItemDepth = 2;

/// A parsed instances file. Its top-level lists may be in any order.
class Instances {
 public:
  explicit Instances(std::string path) : path_(std::move(path)) {
    TORCH_CHECK(fs::is_regular_file(path_), path_,
                ": expected COCO's instances JSON, got no readable file. Check the path.");
    io::TextStream stream(path_);
    const auto keep = [this](int depth, json::parse_event_t event, json& value) {
      if (event == json::parse_event_t::key && depth == kListDepth) list_ = value.get<std::string>();
      if (event != json::parse_event_t::object_end || depth != kItemDepth) return true;
      add(value);
      return false;  // discard the item to save memory
    };
    try {
      [[maybe_unused]] const json rest = json::parse(stream, keep);
    } catch (const json::parse_error& error) {
      TORCH_CHECK(false, path_, ": expected COCO's instances JSON, got invalid JSON at character ",
                  error.byte, ". Download the file again.");
    }
    TORCH_CHECK(!files_.empty() && !categories_.empty(), path_,
                ": expected lists of images and categories, got ", files_.size(), " and ", categories_.size(),
                " entries. Give an instances file.");
  }

  /// Returns the images in list order, with paths relative to the folder `images`.
  std::vector<LabelledImage> labelled_images(const std::string& images,
                                             std::optional<data::Split> split) const {
    std::unordered_map<std::int64_t, Ids> categories;  // category ids per image id
    for (const auto& [image, category] : annotations_) categories[image].push_back(category);
    const std::string folder = folder_of(images);
    std::vector<LabelledImage> result;
    for (const auto& [image, file] : files_) {
      Ids& found = categories[image];
      std::sort(found.begin(), found.end());
      found.erase(std::unique(found.begin(), found.end()), found.end());
      LabelledImage labelled{folder + file, {}, {}, split, fmt::format("{}: image {}", path_, image)};
      for (const std::int64_t category : found) labelled.present.push_back(category_name(category, image));
      result.push_back(std::move(labelled));
      categories.erase(image);
    }
    const auto stray = std::find_if(categories.begin(), categories.end(),
                                    [](const auto& entry) { return !entry.second.empty(); });
    TORCH_CHECK(
        stray == categories.end(), path_, ": expected annotations of listed images, got one of image ",
        stray == categories.end() ? 0 : stray->first, ", which is not listed. Download the file again.");
    return result;
  }

 private:
  template <typename Value>
  Value field(const json& item, const char* key) const {
    const auto found = item.find(key);
    const bool fits = found != item.end() &&
                      (std::is_same_v<Value, std::string> ? found->is_string() : found->is_number_integer());
    TORCH_CHECK(fits, path_, ": expected a ", std::is_same_v<Value, std::string> ? "string" : "number", " ",
                key, " in each item of ", list_, ", got ", io::json_text(item).substr(0, 80),
                ". Give an instances file.");
    return found->template get<Value>();
  }

  void add(const json& item) {
    if (list_ == "images") {
      const auto id = field<std::int64_t>(item, "id");
      TORCH_CHECK(listed_.insert(id).second, path_, ": expected each image once, got ", id,
                  " again. Download the file again.");
      files_.emplace_back(id, field<std::string>(item, "file_name"));
    } else if (list_ == "annotations") {
      const auto image = field<std::int64_t>(item, "image_id");
      annotations_.emplace_back(image, field<std::int64_t>(item, "category_id"));
    } else if (list_ == "categories") {
      categories_[field<std::int64_t>(item, "id")] = field<std::string>(item, "name");
    }
  }

  const std::string& category_name(std::int64_t category, std::int64_t image) const {
    const auto found = categories_.find(category);
    TORCH_CHECK(found != categories_.end(), path_, ": image ", image, ": expected a listed category, got ",
                category, ". Download the file again.");
    return found->second;
  }

  /// Returns the subfolder of `images` named after the file ("train2017/" for instances_train2017.json) if it
  /// exists, else "".
  std::string folder_of(const std::string& images) const {
    constexpr const char* kStart = "instances_";
    const std::string stem = fs::path(path_).stem().string();
    if (!starts_with(stem, kStart)) return "";
    const std::string folder = stem.substr(std::string(kStart).size());
    return fs::is_directory(fs::path(images) / folder) ? folder + "/" : "";
  }

  std::string path_;
  std::string list_;  // name of the list being parsed
  std::vector<std::pair<std::int64_t, std::string>> files_;
  std::unordered_set<std::int64_t> listed_;
  std::vector<std::pair<std::int64_t, std::int64_t>> annotations_;  // (image id, category id)
  std::unordered_map<std::int64_t, std::string> categories_;
};

/// Removes all labels that are not in the label lists, if both lists are given.
void remove_other_labels(const ManifestOptions& options, std::vector<LabelledImage>& images) {
  if (options.seen.empty() || options.unseen.empty()) return;
  std::unordered_set<std::string> wanted;
  for (const std::string& file : {options.seen, options.unseen}) {
    for (std::string& label : data::read_distinct_labels(file)) wanted.insert(std::move(label));
  }
  std::unordered_set<std::string> others;
  for (LabelledImage& image : images) {
    const auto is_other = [&](const std::string& label) {
      return wanted.count(label) == 0 && (others.insert(label), true);
    };
    auto& labels = image.present;
    labels.erase(std::remove_if(labels.begin(), labels.end(), is_other), labels.end());
  }
  if (!others.empty()) log::info("skipped {} categories that are in neither label list", others.size());
}

}  // namespace

std::string import_coco(const CocoOptions& options) {
  const bool drawn = options.test_instances.empty();
  std::optional<data::Split> split;
  if (!drawn) split = data::Split::kTrain;
  auto images = Instances(options.instances).labelled_images(options.images, split);
  if (!drawn) {
    auto test = Instances(options.test_instances).labelled_images(options.images, data::Split::kTest);
    images.insert(images.end(), std::make_move_iterator(test.begin()), std::make_move_iterator(test.end()));
  }
  remove_other_labels(options.manifest, images);
  return write_manifest(options.manifest, options.images, std::move(images));
}

}  // namespace mkt::imports
