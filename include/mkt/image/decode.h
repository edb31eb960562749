#pragma once
// Decoding of image files, with the results of Pillow's Image.open(…).convert("RGB").

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

/// Larger images are rejected before decoding, because a small file can claim billions of pixels.
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

/// Decodes a JPEG or PNG file: (H, W, 3) uint8, RGB. EXIF rotation is not applied; alpha is dropped; grey and
/// palette images become RGB; 16-bit values become 8-bit. A truncated file is decoded as far as possible; the
/// rest is grey (JPEG) or black (PNG). Thread-safe. Throws c10::Error that names the file and what it
/// contains if it is not an image or ends before its first row of pixels.
torch::Tensor decode_file(const std::string& path);

/// The same for a file in memory; messages name it `name`.
torch::Tensor decode_bytes(const std::string& bytes, const std::string& name);

class Codec;

/// A JPEG or PNG file of which only the requested pixels are decoded.
class ImageFile {
 public:
  /// Reads the header. Throws as decode_file() does, except that missing pixels are not detected yet.
  explicit ImageFile(const std::string& path);
  ImageFile(std::string bytes, std::string name);
  ~ImageFile();
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  std::int64_t height() const;
  std::int64_t width() const;

  /// From now on a JPEG has 1/denominator (1, 2, 4 or 8) of its height and width, rounded up. It is decoded
  /// from a part of its coefficients: faster, but not equal to resizing the pixels. A PNG is not changed.
  /// Throws ValueError for another denominator.
  void shrink(std::int64_t denominator);

  /// The pixels of `box`: (box.height, box.width, 3) uint8, equal to those of decode_file(). Rows need not be
  /// adjacent in memory. If the format allows it, nothing below the box is decoded. Throws as decode_file()
  /// does, and ValueError if the box leaves the image.
  torch::Tensor read(const Box& box);

 private:
  const std::string bytes_;
  const std::string name_;
  std::unique_ptr<Codec> codec_;
};

}  // namespace mkt::image
