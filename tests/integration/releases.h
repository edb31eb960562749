#pragma once
// Writes miniature files in the layouts of other data sets.

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace mkt::test {

/// Writes a text file; creates its folder if necessary.
inline void put_text(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Formats an image id as in Open Images V4.
inline std::string open_images_id(std::size_t number) {
  return fmt::format("{:016x}", 0x9f00000000000000ULL + number);
}

/// Header line of Open Images' image-label files.
inline constexpr const char* kOpenImagesHeader = "ImageID,Source,LabelName,Confidence\r\n";

}  // namespace mkt::test
