#pragma once
// Image files to pixels, as Pillow's Image.open(…).convert("RGB") sees them.

#include <torch/types.h>

#include <cstdint>
#include <string>

namespace mkt::data {

/// More pixels than this are refused before any is decoded: a small file can claim billions.
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

/// The image in a JPEG or PNG file: (H, W, 3) uint8, RGB. Not rotated by EXIF; alpha dropped; grey
/// and palettes to RGB; 16 bits to 8. A file cut short is read as far as it goes, the rest is
/// grey (JPEG) or black (PNG). Thread-safe. Throws c10::Error naming the file and what was found where no
/// image is in it, not even a first row of one.
torch::Tensor decode_file(const std::string& path);

/// The same from memory; `name` stands for the file in messages.
torch::Tensor decode_bytes(const std::string& bytes, const std::string& name);

}  // namespace mkt::data
