#include <c10/util/Exception.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/log.h"
#include "core/text.h"
#include "data/image_names.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) {
  return starts_with(path.filename().string(), ".");
}

/// The label folders, sorted by name.
std::vector<fs::path> label_folders(const std::string& root) {
  std::vector<fs::path> folders;
  TORCH_CHECK_VALUE(fs::is_directory(root), "--folders: expected a folder, got '", root,
                    "', which is none. Check the path.");
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_directory() && !is_hidden(entry.path())) folders.push_back(entry.path());
  }
  TORCH_CHECK_VALUE(!folders.empty(), "--folders: expected a folder a label in ", root,
                    ", got none. Check the path.");
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<std::string> pictures_in(const fs::path& folder, const std::string& root) {
  std::vector<std::string> pictures;
  std::int64_t others = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || is_hidden(entry.path())) continue;
    if (data::is_picture_name(entry.path().string())) {
      pictures.push_back(entry.path().lexically_relative(root).string());
    } else {
      ++others;
    }
  }
  if (others > 0)
    log::warning(cat(folder.string(), ": ", others, " files are no .jpg, .jpeg or .png, left out"));
  if (pictures.empty()) log::warning(cat(folder.string(), ": no picture, so no label"));
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

}  // namespace

std::string import_folders(const FoldersOptions& options) {
  std::vector<LabelledPicture> pictures;
  for (const fs::path& folder : label_folders(options.folders)) {
    for (const std::string& image : pictures_in(folder, options.folders))
      pictures.push_back({image, {folder.filename().string()}, {}, "", cat(options.folders, "/", image)});
  }
  TORCH_CHECK_VALUE(!pictures.empty(), "--folders: expected pictures in the folders of ", options.folders,
                    ", got none. Check the path.");
  return write_manifest(options.manifest, options.folders, std::move(pictures));
}

}  // namespace mkt::imports
