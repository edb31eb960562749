#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "io/numbered_lines.h"
#include "lists/image_names.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;

/// A VOC image set such as VOC2007/trainval: the files <class>_trainval.txt in VOC2007/ImageSets/Main.
class ImageSet {
 public:
  /// `name` is the name of the set, from the option that has the name of `split`.
  ImageSet(const VocOptions& options, const std::string& name, data::Split split)
      : options_(options), split_(split) {
    const auto slash = name.rfind('/');
    TORCH_CHECK_VALUE(slash != std::string::npos && slash > 0 && slash + 1 < name.size(), enum_name(split),
                      ": expected a release and its set, such as VOC2007/trainval, got '", name,
                      "'. Give both.");
    release_ = name.substr(0, slash);
    ending_ = fmt::format("_{}.txt", name.substr(slash + 1));
  }

  std::vector<LabelledImage> read() {
    const std::vector<std::string> classes = find_classes();
    for (const std::string& label : classes) read_class(label, label == classes.front());
    for (LabelledImage& image : images_) image.image = image_of(image.image);
    return std::move(images_);
  }

 private:
  fs::path lists() const { return fs::path(options_.voc) / release_ / "ImageSets" / "Main"; }

  std::vector<std::string> find_classes() const {
    std::vector<std::string> classes;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(lists(), none)) {
      const std::string name = entry.path().filename().string();
      if (!data::is_hidden(name) && name.size() > ending_.size() &&
          name.compare(name.size() - ending_.size(), ending_.size(), ending_) == 0)
        classes.push_back(name.substr(0, name.size() - ending_.size()));
    }
    TORCH_CHECK(!classes.empty(), enum_name(split_), ": expected files <class>", ending_, " in ",
                lists().string(), ", got none. Check the folder and the set's name.");
    std::sort(classes.begin(), classes.end());
    return classes;
  }

  /// Reads the file for one class. The file read first determines the images; the others must list the same
  /// images.
  void read_class(const std::string& label, bool first) {
    const std::string path = (lists() / (label + ending_)).string();
    if (first) first_ = path;
    std::vector<char> read(images_.size());
    io::NumberedLines lines(path);
    while (lines.next()) {
      const auto [id, value] = fields_of(lines);
      if (first) {
        if (places_.emplace(id, images_.size()).second)
          images_.push_back({id, {}, {}, split_, lines.where()});
        read.resize(images_.size());
      }
      const auto place = places_.find(id);
      TORCH_CHECK(place != places_.end(), lines.where(), ": expected images of ", first_, ", got ", id,
                  ", which it does not list. Download the files again.");
      TORCH_CHECK(std::exchange(read[place->second], 1) == 0, lines.where(),
                  ": expected each image once, got ", id, " again. Download the file again.");
      add(images_[place->second], label, value, lines.where());
    }
    const auto count = std::count(read.begin(), read.end(), 1);
    TORCH_CHECK(count > 0 && static_cast<std::size_t>(count) == images_.size(), path, ":", lines.number(),
                ": expected the ", images_.size(), " images of ", first_, ", got ", count,
                " and the end of the file. Download the files again.");
  }

  /// Parses a line into image id and value.
  static std::pair<std::string, std::string> fields_of(const io::NumberedLines& lines) {
    std::istringstream fields{std::string(lines.text())};
    std::string id;
    std::string value;
    std::string more;
    fields >> id >> value;
    TORCH_CHECK(!value.empty() && !(fields >> more), lines.where(),
                ": expected an image and 1, -1 or 0, got '", lines.text(), "'. Download the file again.");
    return {id, value};
  }

  void add(LabelledImage& image, const std::string& label, const std::string& value,
           const std::string& where) const {
    TORCH_CHECK(value == "1" || value == "-1" || value == "0", where, ": expected 1, -1 or 0, got '", value,
                "'. Download the file again.");
    const bool difficult = value == "0";
    if (value == "1" || (difficult && options_.difficult == Difficult::kPresent))
      image.present.push_back(label);
    if (value == "-1") image.absent.push_back(label);
  }

  /// Returns the image path relative to the VOC folder; it ends in .jpg if the file does not exist.
  std::string image_of(const std::string& id) const {
    const std::string start = fmt::format("{}/JPEGImages/{}", release_, id);
    const std::string found = data::find_jpeg(options_.voc, start);
    return found.empty() ? start + ".jpg" : found;
  }

  const VocOptions& options_;
  data::Split split_;
  std::string release_;
  std::string ending_;
  std::string first_;  // file of the first class
  std::vector<LabelledImage> images_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::string import_voc(const VocOptions& options) {
  check_out(options.manifest);
  std::vector<LabelledImage> images;
  std::unordered_map<std::string, std::string> places;
  const auto add = [&](const std::vector<std::string>& sets, data::Split split) {
    for (const std::string& set : sets) {
      for (LabelledImage& image : ImageSet(options, set, split).read()) {
        const auto [known, added] = places.emplace(image.image, image.where);
        TORCH_CHECK(added, image.where, ": expected each image in one set, got ", image.image,
                    " again, after ", known->second, ". Choose sets that do not overlap.");
        images.push_back(std::move(image));
      }
    }
  };
  add(options.train, data::Split::kTrain);
  add(options.test, data::Split::kTest);
  return write_manifest(options.manifest, options.voc, std::move(images));
}

}  // namespace mkt::imports
