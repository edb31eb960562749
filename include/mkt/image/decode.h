#pragma once
// Image files to pixels, as Pillow's Image.open(…).convert("RGB") sees them.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

/// More pixels than this are refused before any is decoded: a small file can claim billions.
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

/// The image in a JPEG or PNG file: (H, W, 3) uint8, RGB. Not rotated by EXIF; alpha dropped; grey
/// and palettes to RGB; 16 bits to 8. A file cut short is read as far as it goes, the rest is
/// grey (JPEG) or black (PNG). Thread-safe. Throws c10::Error naming the file and what was found where no
/// image is in it, not even a first row of one.
torch::Tensor decode_file(const std::string& path);

/// The same from memory; `name` stands for the file in messages.
torch::Tensor decode_bytes(const std::string& bytes, const std::string& name);

class Codec;

/// A JPEG or PNG file whose size is known, of which no more is decoded than is asked for.
class ImageFile {
 public:
  /// Throws as decode_file() does, except for pixels that are missing.
  explicit ImageFile(const std::string& path);
  ImageFile(std::string bytes, std::string name);
  ~ImageFile();
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  std::int64_t height() const;
  std::int64_t width() const;

  /// From now on a JPEG is 1/denominator (1, 2, 4 or 8) of its size each way, rounded up, made of as many of
  /// its coefficients: quicker, and not what resizing the pixels gives. A PNG stays as it is. Throws
  /// ValueError for another denominator.
  void shrink(std::int64_t denominator);

  /// The pixels of `box`: (box.height, box.width, 3) uint8, of which rows may lie apart, the same as in
  /// decode_file()'s. Nothing below the box is decoded where the format lets one. Throws as decode_file()
  /// does, and ValueError where the box leaves the image.
  torch::Tensor read(const Box& box);

 private:
  const std::string bytes_;
  const std::string name_;
  std::unique_ptr<Codec> codec_;
};

}  // namespace mkt::image
