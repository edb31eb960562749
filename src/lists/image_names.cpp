#include "lists/image_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/text.h"
#include "io/atomic_file.h"
#include "lists/pickled_strings.h"

namespace mkt::data {
namespace {

constexpr const char* kKey = "img_names";
constexpr std::array<std::string_view, 15> kEndings = {".jpg",  ".jpeg", ".jpe",  ".jfif", ".png",
                                                       ".webp", ".tif",  ".tiff", ".bmp",  ".dib",
                                                       ".gif",  ".heic", ".heif", ".hif",  ".avif"};

}  // namespace

bool is_image_name(const std::string& path) {
  const std::string ending = lower_case(std::filesystem::path(path).extension().string());
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

bool is_hidden(const std::filesystem::path& path) {
  return starts_with(path.filename().string(), ".");
}

bool skips_hidden(std::filesystem::recursive_directory_iterator& at) {
  if (!is_hidden(at->path())) return false;
  at.disable_recursion_pending();
  return true;
}

std::string find_jpeg(const std::string& folder, const std::string& stem) {
  for (const char* ending : {".jpg", ".JPG", ".jpeg", ".JPEG"}) {
    std::string name = stem + ending;
    std::error_code none;
    if (std::filesystem::is_regular_file(std::filesystem::path(folder) / name, none)) return name;
  }
  return "";
}

std::vector<std::string> load_image_names(const std::string& path) {
  return load_strings(
      path, {"image", "image names", fmt::format("Give a pickle of {{\"{}\": [names]}}.", kKey), kKey});
}

void save_image_names(const std::string& path, const std::vector<std::string>& names) {
  const auto text = [](const std::string& name) {
    std::string bytes = "X";
    for (std::size_t shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<char>(name.size() >> shift & 0xFF));
    return bytes + name;
  };
  io::write_atomically(path, [&](std::ostream& out) {
    out << "\x80\x02}" << text(kKey) << "](";
    for (const std::string& name : names) out << text(name);
    out << "es.";
  });
}

}  // namespace mkt::data
