#include "codecs/orientation.h"

#include <cstring>
#include <string>
#include <utility>

#include "codecs/pixels.h"
#include "core/text.h"

namespace mkt::image {
namespace {

constexpr std::string_view kExifPrefix("Exif\0\0", 6);
constexpr std::string_view kXmpPrefix("http://ns.adobe.com/xap/1.0/\0", 29);

std::size_t unsigned_at(std::string_view bytes, std::size_t at, std::size_t count, bool little) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = at + (little ? count - 1 - i : i);
    value = value << 8U | static_cast<unsigned char>(bytes[place]);
  }
  return value;
}

int valid_or_none(std::size_t orientation) {
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 0;
}

bool flips_columns(int orientation) {
  return orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
}

bool flips_rows(int orientation) {
  return orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
}

int first_found(int exif, int xmp) {
  if (exif > 0) return exif;
  return xmp > 0 ? xmp : 1;
}

}  // namespace

int exif_orientation(std::string_view exif) {
  constexpr std::size_t kTag = 0x0112;
  constexpr std::size_t kEntry = 12;
  if (starts_with(exif, kExifPrefix)) exif.remove_prefix(kExifPrefix.size());
  if (exif.size() < 8) return 0;
  const bool little = exif[0] == 'I';
  const std::size_t start = unsigned_at(exif, 4, 4, little);
  if (start + 2 > exif.size()) return 0;
  const std::size_t entries = unsigned_at(exif, start, 2, little);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = start + 2 + i * kEntry;
    if (at + kEntry > exif.size()) return 0;
    if (unsigned_at(exif, at, 2, little) != kTag) continue;
    const std::size_t type = unsigned_at(exif, at + 2, 2, little);
    const std::size_t width = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
    if (width == 0 || unsigned_at(exif, at + 4, 4, little) != 1) return 0;
    return valid_or_none(unsigned_at(exif, at + 8, width, little));
  }
  return 0;
}

int xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = xmp.find(kName); at != std::string_view::npos; at = xmp.find(kName, at + 1)) {
    std::string_view rest = xmp.substr(at + kName.size());
    if (starts_with(rest, "=\"")) {
      rest.remove_prefix(2);
    } else if (starts_with(rest, ">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9')
      return valid_or_none(static_cast<std::size_t>(rest[0] - '0'));
  }
  return 0;
}

int jpeg_orientation(std::string_view bytes) {
  int exif = 0;
  int xmp = 0;
  std::size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (static_cast<unsigned char>(bytes[at]) != 0xFF) break;
    const auto marker = static_cast<unsigned char>(bytes[at + 1]);
    if (marker == 0xFF) {  // a fill byte
      ++at;
      continue;
    }
    if (marker == 0xDA || marker == 0xD9) break;  // scan, end
    const std::size_t length = unsigned_at(bytes, at + 2, 2, false);
    if (length < 2) break;
    const std::string_view data = bytes.substr(at + 4, length - 2);
    if (marker == 0xE1 && starts_with(data, kExifPrefix) && exif == 0) exif = exif_orientation(data);
    if (marker == 0xE1 && starts_with(data, kXmpPrefix) && xmp == 0) xmp = xmp_orientation(data);
    at += 2 + length;
  }
  return first_found(exif, xmp);
}

int png_orientation(std::string_view bytes) {
  constexpr std::string_view kXmpKey("XML:com.adobe.xmp\0", 18);
  int exif = 0;
  int xmp = 0;
  std::size_t at = 8;  // after the signature
  while (at + 12 <= bytes.size()) {
    const std::size_t length = unsigned_at(bytes, at, 4, false);
    const std::string_view type = bytes.substr(at + 4, 4);
    const std::string_view data = bytes.substr(at + 8, length);
    if (type == "eXIf" && exif == 0) exif = exif_orientation(data);
    if (type == "iTXt" && xmp == 0 && starts_with(data, kXmpKey)) xmp = xmp_orientation(data);
    if (type == "IEND") break;
    at += 12 + length;
  }
  return first_found(exif, xmp);
}

Box stored_box(const Box& upright, int orientation, std::int64_t height, std::int64_t width) {
  Box box = upright;
  if (flips_columns(orientation))
    box.left = (swaps_axes(orientation) ? height : width) - upright.left - upright.width;
  if (flips_rows(orientation))
    box.top = (swaps_axes(orientation) ? width : height) - upright.top - upright.height;
  if (!swaps_axes(orientation)) return box;
  return {box.top, box.left, box.height, box.width};
}

torch::Tensor turn_upright(const torch::Tensor& stored, int orientation) {
  if (orientation <= 1) return stored;
  const bool swapped = swaps_axes(orientation);
  const std::int64_t height = stored.size(swapped ? 1 : 0);
  const std::int64_t width = stored.size(swapped ? 0 : 1);
  torch::Tensor upright = torch::empty({height, width, 3}, torch::kUInt8);  // (H, W, 3)
  const std::uint8_t* from = pixels_of(stored);
  auto* to = upright.data_ptr<std::uint8_t>();
  const std::int64_t row_step = swapped ? 3 : stored.stride(0);
  const std::int64_t column_step = swapped ? stored.stride(0) : 3;
  for (std::int64_t y = 0; y < height; ++y) {
    const std::int64_t row = flips_rows(orientation) ? height - 1 - y : y;
    for (std::int64_t x = 0; x < width; ++x, to += 3) {
      const std::int64_t column = flips_columns(orientation) ? width - 1 - x : x;
      std::memcpy(to, from + row * row_step + column * column_step, 3);
    }
  }
  return upright;
}

}  // namespace mkt::image
