#include "nus_wide/picture_index.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "core/text.h"
#include "data/image_names.h"
#include "nus_wide/raw_files.h"

namespace mkt::nus_wide {
namespace {

namespace fs = std::filesystem;

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::vector<std::string> parts_of(const std::string& stem) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (auto end = stem.find('_'); end != std::string::npos; end = stem.find('_', start)) {
    parts.push_back(stem.substr(start, end - start));
    start = end + 1;
  }
  parts.push_back(stem.substr(start));
  return parts;
}

std::string class_key(const std::string& folder, const std::string& stem) {
  return lower_case(folder + "/" + stem);
}

/// The first by name where several files have one id, whatever order the system lists them in.
void keep_first(std::string& kept, const std::string& path) {
  if (kept.empty() || path < kept) kept = path;
}

}  // namespace

std::string flickr_id(const std::string& stem) {
  const std::vector<std::string> parts = parts_of(stem);
  // "<index>_<id>_<secret>_<size>" is how a photo's address names it, behind a running number.
  const bool address = parts.size() == 4 && parts[3].size() == 1;
  const std::string& id = address ? parts[1] : parts.back();
  return is_number(id) ? id : "";
}

PictureIndex::PictureIndex(const std::string& root) {
  std::error_code none;
  TORCH_CHECK_VALUE(fs::is_directory(root, none), "--pictures: expected the folder of the pictures, got '",
                    root, "', which is none. Check the path.");
  const auto options =
      fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(fs::canonical(root), options), end; entry != end; ++entry) {
    const fs::path& path = entry->path();
    if (!data::is_picture_name(path.string()) || entry->is_directory(none)) continue;
    ++files_;
    const std::string stem = path.stem().string();
    keep_first(by_class_[class_key(path.parent_path().filename().string(), stem)], path.string());
    const std::string id = flickr_id(stem);
    if (!id.empty()) keep_first(by_id_[id], path.string());
  }
  TORCH_CHECK(files_ > 0, "--pictures ", root,
              ": expected .jpg or .png files in it or in its folders, got none. ", "Check the path.");
}

std::string PictureIndex::find(const RawPicture& picture) const {
  const std::string stem = fs::path(picture.file).stem().string();
  const auto here = by_class_.find(class_key(picture.folder, stem));
  if (here != by_class_.end()) return here->second;
  const auto somewhere = by_id_.find(flickr_id(stem));
  return somewhere == by_id_.end() ? "" : somewhere->second;
}

}  // namespace mkt::nus_wide
