#pragma once
// Finds a release's images on the disk, in the folder layouts in circulation.

#include <cstddef>
#include <string>
#include <unordered_map>

#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// Index of the image files in a folder: by class folder (actor/0001_2124494179.jpg), and by Flickr id in any
/// folder (2124494179.jpg, 0001_2124494179.jpg, 98796_2124494179_f86eb60ccf_m.jpg). Endings are .jpg, .jpeg
/// or .png; case is ignored.
class ImageIndex {
 public:
  /// Throws ValueError if `root` is not a folder, c10::Error if it has no images.
  explicit ImageIndex(const std::string& root);

  /// The image's file, from its class folder or else by its id; "" if there is none.
  std::string find(const RawImage& image) const;
  std::size_t size() const { return files_; }

 private:
  std::unordered_map<std::string, std::string> by_class_;
  std::unordered_map<std::string, std::string> by_id_;
  std::size_t files_ = 0;
};

/// The Flickr id in a file name without ending; "" if there is none.
std::string flickr_id(const std::string& stem);

}  // namespace mkt::nus_wide
