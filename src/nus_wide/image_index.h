#pragma once
// Finds the image files of a release in the folder layouts in circulation.

#include <cstddef>
#include <string>
#include <unordered_map>

#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// Index of the image files in a folder. Keys are class folder and file name (actor/0001_2124494179.jpg), and
/// the Flickr id in any folder (2124494179.jpg, 0001_2124494179.jpg, 98796_2124494179_f86eb60ccf_m.jpg). File
/// extensions are those of data::is_image_name().
class ImageIndex {
 public:
  /// Indexes the files under `root`. Throws ValueError if `root` is not a folder, c10::Error if it contains
  /// no images.
  explicit ImageIndex(const std::string& root);

  /// Returns the path of an image's file, looked up by class folder, then by Flickr id; "" if there is none.
  std::string find(const RawImage& image) const;
  std::size_t size() const { return files_; }

 private:
  std::unordered_map<std::string, std::string> by_class_;
  std::unordered_map<std::string, std::string> by_id_;
  std::size_t files_ = 0;
};

/// Extracts the Flickr id from a file name without extension; "" if there is none.
std::string flickr_id(const std::string& stem);

}  // namespace mkt::nus_wide
