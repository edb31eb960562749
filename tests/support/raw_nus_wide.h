#pragma once
// A miniature of NUS-WIDE's raw release with the quirks of the original: Windows line ends in the lists,
// backslashes, trailing spaces and tabs, an image in neither split, a concept that is not a tag, a concept
// named "train" (Labels_train.txt is not the training split's file), photos that are no longer available.

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "codecs/encode.h"
#include "core/text.h"
#include "mkt/torch.h"
#include "support/command.h"
#include "support/formula.h"

namespace mkt::test {

/// Flickr's placeholder for a deleted photo: a PNG under the photo's file name, dark letters on plain grey.
inline std::string unavailable_notice() {
  torch::Tensor image = torch::full({60, 80, 3}, 243, torch::kUInt8);
  image.slice(0, 28, 32).slice(1, 20, 60).fill_(90);
  return image::encode_png(image);
}

/// Lists all files and links in a folder by relative path: contents for files, targets for links.
inline std::map<std::string, std::string> folder_tree(const std::string& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    if (entry.is_symlink()) {
      files[name] = "→ " + std::filesystem::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      files[name] = file_text(entry.path().string());
    }
  }
  return files;
}

/// The miniature release, written in one of its layouts.
class RawNusWide {
 public:
  enum class Layout { kClassFolders, kFlatById };
  enum class Tables { kWhole, kSplit };

  struct Image {
    std::string folder;
    std::string file;
    char split = ' ';     ///< 't' for training, 'e' for test, ' ' for neither
    std::string content;  ///< file contents; "" if the file is missing
    bool labelled = true;
  };

  explicit RawNusWide(Layout layout = Layout::kClassFolders, Tables tables = Tables::kWhole)
      : root_(scratch_folder("raw") + "/nus-wide"), layout_(layout), tables_(tables) {
    const std::string mini = golden("nus-mini/NUS-WIDE/Flickr/");
    const auto add = [&](const char* folder, const char* file, char split) {
      images_.push_back({folder, file, split, file_text(mini + folder + "/" + file)});
    };
    add("fire_truck", "0000_0.jpg", 't');
    add("fire_truck", "0000_1000.jpg", 'e');
    add("fire_truck", "0003_3.jpg", 't');
    add("fire_truck", "0003_1003.jpg", 'e');
    add("fire_truck", "0006_6.jpg", ' ');
    add("person_at_work", "0002_2.jpg", 't');
    add("person_at_work", "0002_1002.jpg", 'e');
    add("person_at_work", "0005_5.jpg", 't');
    add("sea", "0001_1.jpg", 't');
    add("sea", "0001_1001.jpg", 'e');
    add("sea", "0004_4.jpg", 't');
    images_.push_back({"sea", "0104_9005.jpg", 't', file_text(mini + "sea/0007_7.jpg"), false});
    images_.push_back({"sea", "0100_9001.jpg", 't', ""});
    images_.push_back({"sea", "0105_9006.jpg", 'e', ""});
    images_.push_back({"sea", "0101_9002.jpg", 't', file_text(golden("bad/html.jpg"))});
    images_.push_back({"sea", "0103_9004.jpg", 't', file_text(golden("images/truncated.jpg"))});
    images_.push_back({"zoo", "0102_9003.jpg", 'e', unavailable_notice()});
  }

  std::vector<Image>& images() { return images_; }
  const std::string& root() const { return root_; }
  std::string path(const std::string& name) const { return root_ + "/" + name; }

  static const std::vector<std::string>& tags() {
    static const std::vector<std::string> all = {"nature", "sky", "blue", "water", "clouds", "red", "train"};
    return all;
  }
  static const std::vector<std::string>& concepts() {
    static const std::vector<std::string> all = {"clouds", "sky", "tattoo", "train"};
    return all;
  }

  /// Whether image `i` has tag or concept `c` in the tables.
  bool has_tag(std::size_t i, std::size_t c) const { return images_[i].labelled && (i * 5 + c * 3) % 4 == 0; }
  bool has_concept(std::size_t i, std::size_t c) const {
    return images_[i].labelled && (i * 7 + c * 2 + 1) % 3 == 0;
  }

  /// Writes all files; returns the folder.
  const std::string& write() const {
    write_lists();
    write_tables();
    write_images();
    return root_;
  }

  static void write_file(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

 private:
  std::string list(const std::string& splits) const {
    std::string text;
    for (const Image& image : images_) {
      if (splits.find(image.split) != std::string::npos)
        text += fmt::format("{}\\{} \r\n", image.folder, image.file);
    }
    return text;
  }

  template <typename Has>
  std::string table(const std::string& splits, std::size_t columns, const char* between, Has has) const {
    std::string text;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      if (splits.find(images_[i].split) == std::string::npos) continue;
      for (std::size_t c = 0; c < columns; ++c) text += fmt::format("{}{}", has(i, c) ? 1 : 0, between);
      text += "\n";
    }
    return text;
  }

  void write_lists() const {
    write_file(path("ConceptsList/Concepts81.txt"), join(concepts(), "\r\n") + "\r\n");
    write_file(path("NUS_WID_Tags/TagList1k.txt"), join(tags(), "\r\n") + "\r\n");
    write_file(path("ImageList/TrainImagelist.txt"), list("t"));
    write_file(path("ImageList/TestImagelist.txt"), list("e"));
    if (tables_ == Tables::kWhole) write_file(path("ImageList/Imagelist.txt"), list("te "));
  }

  void write_tables() const {
    const auto tag = [&](std::size_t i, std::size_t c) { return has_tag(i, c); };
    // No image has the tag "tattoo"; the other concepts' tags are the inverse of the ground truth.
    const auto concept_tag = [&](std::size_t i, std::size_t c) { return c != 2 && !has_concept(i, c); };
    const bool whole = tables_ == Tables::kWhole;
    const std::string in = "NUS_WID_Tags/";
    if (whole) {
      write_file(path(in + "AllTags1k.txt"), table("te ", tags().size(), "\t", tag));
      write_file(path(in + "AllTags81.txt"), table("te ", concepts().size(), " ", concept_tag));
    } else {
      write_file(path(in + "Train_Tags1k.dat"), table("t", tags().size(), "\t", tag));
      write_file(path(in + "Test_Tags1k.dat"), table("e", tags().size(), "\t", tag));
      write_file(path(in + "Test_Tags81.txt"), table("e", concepts().size(), " ", concept_tag));
    }
    for (std::size_t c = 0; c < concepts().size(); ++c) {
      const auto one = [&](std::size_t i, std::size_t) { return has_concept(i, c); };
      const std::string start =
          "Groundtruth/" + std::string(whole ? "AllLabels" : "TrainTestLabels") + "/Labels_" + concepts()[c];
      write_file(path(start + (whole ? ".txt" : "_Test.txt")), table(whole ? "te " : "e", 1, "", one));
      if (!whole) write_file(path(start + "_Train.txt"), table("t", 1, "", one));
    }
  }

  void write_images() const {
    for (const Image& image : images_) {
      if (image.content.empty()) continue;
      const std::string stem = image.file.substr(0, image.file.rfind('.'));
      const bool flat = layout_ == Layout::kFlatById;
      // Some archives have file extensions in upper case.
      const std::string name = (flat ? stem.substr(stem.find('_') + 1) : image.folder + "/" + stem) +
                               (image.folder == "person_at_work" ? ".JPG" : ".jpg");
      write_file(path((flat ? "images/" : "Flickr/") + name), image.content);
    }
  }

  std::string root_;
  Layout layout_;
  Tables tables_;
  std::vector<Image> images_;
};

}  // namespace mkt::test
