#pragma once
// Decodes image files with the same results as Pillow's Image.open(…).convert("RGB").

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

/// Maximum number of pixels. Larger images are rejected before decoding, because a small file can declare
/// billions of pixels.
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

/// Decodes a JPEG or PNG file: (H, W, 3) uint8, RGB. EXIF rotation is not applied; alpha is dropped; grey and
/// palette images become RGB; 16-bit values become 8-bit. A truncated file is decoded as far as possible; the
/// rest is grey (JPEG) or black (PNG). Thread-safe. Throws c10::Error that names the file and its detected
/// content if it is not an image or ends before its first row of pixels.
torch::Tensor decode_file(const std::string& path);

/// Decodes a file in memory as decode_file() does; `name` is its name in error messages.
torch::Tensor decode_bytes(const std::string& bytes, const std::string& name);

class Codec;

/// A JPEG or PNG file; decodes only the requested pixels.
class ImageFile {
 public:
  /// Reads the header. Throws as decode_file() does, except that truncated pixel data is not detected until
  /// read().
  explicit ImageFile(const std::string& path);
  ImageFile(std::string bytes, std::string name);
  ~ImageFile();
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  std::int64_t height() const;
  std::int64_t width() const;

  /// Scales a JPEG's height and width by 1/denominator (1, 2, 4 or 8), rounded up, for all later calls. Only
  /// the low-frequency DCT coefficients are decoded: faster, but not equal to resizing the pixels. Has no
  /// effect on a PNG. Throws ValueError for another denominator.
  void shrink(std::int64_t denominator);

  /// Decodes the pixels of `box`: (box.height, box.width, 3) uint8, equal to those of decode_file(). The
  /// result's rows may be strided. If the format allows it, decoding stops at the box's last row. Throws as
  /// decode_file() does, and ValueError if the box is not inside the image.
  torch::Tensor read(const Box& box);

 private:
  const std::string bytes_;
  const std::string name_;
  std::unique_ptr<Codec> codec_;
};

}  // namespace mkt::image
