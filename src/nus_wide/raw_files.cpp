#include "nus_wide/raw_files.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/text.h"
#include "io/bytes.h"
#include "lists/image_names.h"

namespace mkt::nus_wide {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 5;  // maximum folder depth to search; Groundtruth.zip needs at most three

bool is_list(const std::string& name) {
  const std::string ending = fs::path(name).extension().string();
  return ending == ".txt" || ending == ".dat";
}

}  // namespace

RawFiles::RawFiles(std::string root, const std::string& without) : root_(std::move(root)) {
  std::error_code none;
  TORCH_CHECK_VALUE(fs::is_directory(root_, none), "raw: expected the folder of the unpacked release, got '",
                    root_, "', which is not a folder. Check the path.");
  const auto options =
      fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(root_, options), end; entry != end; ++entry) {
    if (data::skips_hidden(entry)) continue;
    if (entry->is_directory(none)) {
      if (entry.depth() + 1 >= kDepth || fs::equivalent(entry->path(), without, none)) {
        entry.disable_recursion_pending();
      }
      continue;
    }
    const std::string name = lower_case(entry->path().filename().string());
    if (is_list(name)) paths_[name].push_back(entry->path().string());
  }
  for (auto& [name, paths] : paths_) std::sort(paths.begin(), paths.end());
}

bool RawFiles::has(const std::string& name) const {
  return paths_.count(lower_case(name)) > 0;
}

const std::string& RawFiles::find(const std::string& name) const {
  const auto found = paths_.find(lower_case(name));
  TORCH_CHECK(found != paths_.end(), "raw: expected ", name, " in ", root_,
              " or in its subfolders, got none. Unpack the archive that contains it there.");
  const std::vector<std::string>& paths = found->second;
  for (std::size_t i = 1; i < paths.size(); ++i) {  // several archives contain copies of the same list
    TORCH_CHECK(io::map_file(paths[i]).view() == io::map_file(paths.front()).view(), "raw: expected one ",
                name, " in ", root_, ", got ", paths.size(), " that differ: ", join(paths, ", ", 3),
                ". Keep the correct one.");
  }
  return paths.front();
}

std::vector<std::string> RawFiles::starting(const std::string& start) const {
  std::vector<std::string> names;
  for (const auto& [name, paths] : paths_) {
    if (starts_with(name, start)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string RawFiles::relative(const std::string& path) const {
  return fs::path(path).lexically_relative(root_).generic_string();
}

}  // namespace mkt::nus_wide
