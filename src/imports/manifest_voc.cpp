#include <c10/util/Exception.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "core/text.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "io/numbered_lines.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;

/// One of VOC's image sets, such as VOC2007/trainval: <class>_trainval.txt in VOC2007/ImageSets/Main.
class ImageSet {
 public:
  /// `name` is that set's, `flag` the option that gives it.
  ImageSet(const VocOptions& options, const std::string& name, const char* flag)
      : options_(options), flag_(flag) {
    const auto slash = name.rfind('/');
    TORCH_CHECK_VALUE(slash != std::string::npos && slash > 0 && slash + 1 < name.size(), "--", flag,
                      ": expected a release and its set, such as VOC2007/trainval, got '", name,
                      "'. Name them.");
    release_ = name.substr(0, slash);
    ending_ = cat("_", name.substr(slash + 1), ".txt");
  }

  std::vector<LabelledPicture> read(const std::string& split) {
    const std::vector<std::string> classes = find_classes();
    for (const std::string& label : classes) read_class(label, label == classes.front());
    for (LabelledPicture& picture : pictures_) {
      picture.image = image_of(picture.image);
      picture.split = split;
    }
    return std::move(pictures_);
  }

 private:
  fs::path lists() const { return fs::path(options_.voc) / release_ / "ImageSets" / "Main"; }

  std::vector<std::string> find_classes() const {
    std::vector<std::string> classes;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(lists(), none)) {
      const std::string name = entry.path().filename().string();
      if (name.size() > ending_.size() &&
          name.compare(name.size() - ending_.size(), ending_.size(), ending_) == 0)
        classes.push_back(name.substr(0, name.size() - ending_.size()));
    }
    TORCH_CHECK(!classes.empty(), "--", flag_, ": expected files <class>", ending_, " in ", lists().string(),
                ", got none. Check --voc and --", flag_, ".");
    std::sort(classes.begin(), classes.end());
    return classes;
  }

  /// The first class's file says what pictures there are.
  void read_class(const std::string& label, bool first) {
    const std::string path = (lists() / (label + ending_)).string();
    if (first) first_ = path;
    std::vector<char> read(pictures_.size());
    io::NumberedLines lines(path);
    while (lines.next()) {
      std::istringstream fields{std::string(lines.text())};
      std::string id;
      std::string value;
      std::string more;
      fields >> id >> value;
      TORCH_CHECK(!value.empty() && !(fields >> more), lines.where(),
                  ": expected a picture and 1, -1 or 0, got '", lines.text(), "'. Get the file anew.");
      if (first) {
        const bool added = places_.emplace(id, pictures_.size()).second;
        if (added) pictures_.push_back({id, {}, {}, "", lines.where()});
        read.resize(pictures_.size());
      }
      const auto place = places_.find(id);
      TORCH_CHECK(place != places_.end(), lines.where(), ": expected pictures of ", first_, ", got ", id,
                  ", which is not in it. Get the files anew.");
      TORCH_CHECK(std::exchange(read[place->second], 1) == 0, lines.where(),
                  ": expected each picture once, got ", id, " again. Get the file anew.");
      add(pictures_[place->second], label, value, lines.where());
    }
    const auto count = std::count(read.begin(), read.end(), 1);
    TORCH_CHECK(count > 0 && static_cast<std::size_t>(count) == pictures_.size(), path, ":", lines.number(),
                ": expected the ", pictures_.size(), " pictures of ", first_, ", got ", count,
                " and the file's end. Get the files anew.");
  }

  void add(LabelledPicture& picture, const std::string& label, const std::string& value,
           const std::string& where) const {
    TORCH_CHECK(value == "1" || value == "-1" || value == "0", where, ": expected 1, -1 or 0, got '", value,
                "'. Get the file anew.");
    const bool difficult = value == "0";
    if (value == "1" || (difficult && options_.difficult == "present")) picture.present.push_back(label);
    if (value == "-1") picture.absent.push_back(label);
  }

  /// Under `options.voc`; .jpg where there is no file.
  std::string image_of(const std::string& id) const {
    const std::string start = cat(release_, "/JPEGImages/", id);
    for (const char* ending : {".jpg", ".JPG", ".jpeg", ".JPEG"}) {
      std::error_code none;
      if (fs::is_regular_file(fs::path(options_.voc) / (start + ending), none)) return start + ending;
    }
    return start + ".jpg";
  }

  const VocOptions& options_;
  const char* flag_;
  std::string release_;
  std::string ending_;
  std::string first_;  // the file that says what pictures there are
  std::vector<LabelledPicture> pictures_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::string import_voc(const VocOptions& options) {
  check_out(options.manifest);
  std::vector<LabelledPicture> pictures;
  std::unordered_map<std::string, std::string> places;
  const auto add = [&](const std::vector<std::string>& sets, const char* flag) {
    for (const std::string& set : sets) {
      for (LabelledPicture& picture : ImageSet(options, set, flag).read(flag)) {
        const auto [known, added] = places.emplace(picture.image, picture.where);
        TORCH_CHECK(added, picture.where, ": expected each picture in one set, got ", picture.image,
                    " again, after ", known->second, ". Change --train or --test.");
        pictures.push_back(std::move(picture));
      }
    }
  };
  add(options.train, "train");
  add(options.test, "test");
  return write_manifest(options.manifest, options.voc, std::move(pictures));
}

}  // namespace mkt::imports
