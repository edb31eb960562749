#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/log.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "lists/image_names.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;

/// Returns the label folders in `root`, sorted by name.
std::vector<fs::path> label_folders(const std::string& root) {
  std::vector<fs::path> folders;
  TORCH_CHECK_VALUE(fs::is_directory(root), "folders: expected a folder, got '", root,
                    "', which is not one. Check the path.");
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_directory() && !data::is_hidden(entry.path())) folders.push_back(entry.path());
  }
  TORCH_CHECK_VALUE(!folders.empty(), "folders: expected one folder per label in ", root,
                    ", got none. Check the path.");
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<std::string> images_in(const fs::path& folder, const std::string& root) {
  std::vector<std::string> images;
  std::int64_t others = 0;
  for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
    if (data::skips_hidden(entry) || !entry->is_regular_file()) continue;
    if (data::is_image_name(entry->path().string())) {
      images.push_back(entry->path().lexically_relative(root).string());
    } else {
      ++others;
    }
  }
  if (others > 0)
    log::warning("{}: skipped {} {} ({})", folder.string(), others,
                 others == 1 ? "file that is not an image" : "files that are not images",
                 data::kImageEndings);
  if (images.empty()) log::warning("{}: no images, so the label is skipped", folder.string());
  std::sort(images.begin(), images.end());
  return images;
}

}  // namespace

std::string import_folders(const FoldersOptions& options) {
  std::vector<LabelledImage> images;
  for (const fs::path& folder : label_folders(options.folders)) {
    for (const std::string& image : images_in(folder, options.folders)) {
      images.push_back({image,
                        {folder.filename().string()},
                        {},
                        std::nullopt,
                        fmt::format("{}/{}", options.folders, image)});
    }
  }
  TORCH_CHECK_VALUE(!images.empty(), "folders: expected images in the folders of ", options.folders,
                    ", got none. Check the path.");
  return write_manifest(options.manifest, options.folders, std::move(images));
}

}  // namespace mkt::imports
