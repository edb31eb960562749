#include "data/nus_wide_layout.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace mkt::data {
namespace {

bool exists(const std::string& path) {
  std::error_code none;
  return std::filesystem::exists(path, none);
}

}  // namespace

std::string nus_wide_image_path(const std::string& name) {
  const auto last = name.rfind('_');
  const auto split = last == std::string::npos || last == 0 ? std::string::npos : name.rfind('_', last - 1);
  TORCH_CHECK_VALUE(split != std::string::npos && split > 0 && name.find('/') == std::string::npos,
                    "image name ", name,
                    ": expected <class>_<number>_<photo>, got something else. Correct the image list.");
  return fmt::format("{}/{}/{}", kNusWide.images, name.substr(0, split), name.substr(split + 1));
}

bool has_image_list(const std::string& root, Split split) {
  const std::string list = fmt::format("{}/{}", root, kNusWide.files(split).image_list);
  return exists(list + ".pkl") || exists(list + ".txt");
}

bool has_label_lists(const std::string& root) {
  return exists(fmt::format("{}/{}", root, kNusWide.seen_labels)) &&
         exists(fmt::format("{}/{}", root, kNusWide.unseen_labels));
}

}  // namespace mkt::data
