#include "nus_wide/image_index.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "core/text.h"
#include "lists/image_names.h"
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

/// Keeps the alphabetically first path if several files have the same key, so that the result does not depend
/// on the directory order.
void keep_first(std::string& kept, const std::string& path) {
  if (kept.empty() || path < kept) kept = path;
}

}  // namespace

std::string flickr_id(const std::string& stem) {
  const std::vector<std::string> parts = parts_of(stem);
  // "<index>_<id>_<secret>_<size>": a sequence number, then the file name in Flickr's URL.
  const bool address = parts.size() == 4 && parts[3].size() == 1;
  const std::string& id = address ? parts[1] : parts.back();
  return is_number(id) ? id : "";
}

ImageIndex::ImageIndex(const std::string& root) {
  std::error_code none;
  TORCH_CHECK_VALUE(fs::is_directory(root, none), "pictures: expected the image folder, got '", root,
                    "', which is not a folder. Check the path.");
  const auto options =
      fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(fs::canonical(root), options), end; entry != end; ++entry) {
    const fs::path& path = entry->path();
    if (data::skips_hidden(entry) || !data::is_image_name(path.string()) || entry->is_directory(none))
      continue;
    ++files_;
    const std::string stem = path.stem().string();
    keep_first(by_class_[class_key(path.parent_path().filename().string(), stem)], path.string());
    const std::string id = flickr_id(stem);
    if (!id.empty()) keep_first(by_id_[id], path.string());
  }
  TORCH_CHECK(files_ > 0, "pictures: expected ", data::kImageEndings, " files in ", root,
              " or in its subfolders, got none. Check the path.");
}

std::string ImageIndex::find(const RawImage& image) const {
  const std::string stem = fs::path(image.file).stem().string();
  const auto here = by_class_.find(class_key(image.folder, stem));
  if (here != by_class_.end()) return here->second;
  const auto somewhere = by_id_.find(flickr_id(stem));
  return somewhere == by_id_.end() ? "" : somewhere->second;
}

}  // namespace mkt::nus_wide
