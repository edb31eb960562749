#pragma once
// Pictures of a release on the disk, in the layouts that circulate.

#include <cstddef>
#include <string>
#include <unordered_map>

#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// The picture files under a folder: by class folder (actor/0001_2124494179.jpg), and by Flickr's id wherever
/// they lie (2124494179.jpg, 0001_2124494179.jpg, 98796_2124494179_f86eb60ccf_m.jpg). Endings are .jpg, .jpeg
/// or .png; upper and lower case are one.
class PictureIndex {
 public:
  /// Throws ValueError naming --pictures where `root` is no folder, c10::Error where it holds no picture.
  explicit PictureIndex(const std::string& root);

  /// The picture's file, from its class folder or else by its id; "" where there is none.
  std::string find(const RawPicture& picture) const;
  std::size_t size() const { return files_; }

 private:
  std::unordered_map<std::string, std::string> by_class_;
  std::unordered_map<std::string, std::string> by_id_;
  std::size_t files_ = 0;
};

/// Flickr's id in a file's name without its ending; "" where there is none.
std::string flickr_id(const std::string& stem);

}  // namespace mkt::nus_wide
