#pragma once
// Decodes image files with the same results as Pillow's Image.open(…).convert("RGB").

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mkt/codecs/box.h"

namespace mkt::image {

/// Maximum number of decoded pixels. Larger images are rejected before decoding, because a small file can
/// declare billions of pixels.
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

/// Treatment of the orientation that cameras store beside the pixels.
enum class ExifRotation {
  kIgnore,  ///< pixels as stored, as Pillow's Image.open() returns them
  kApply,   ///< upright, as after Pillow's ImageOps.exif_transpose()
};

/// Decodes a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF file: (H, W, 3) uint8, RGB. Alpha is dropped;
/// grey, palette and CMYK images become RGB; 16-bit values become 8-bit (their high byte). Of an animation or
/// a file with several images, the first is decoded. The orientations of TIFF and HEIC files are always
/// applied, as in Pillow and pillow-heif; those of other formats as `rotation` says (JPEG, PNG, WebP: EXIF,
/// otherwise XMP; AVIF: its own boxes). A truncated JPEG, PNG, TIFF, BMP or GIF file is decoded as far as
/// possible; the rest is grey (JPEG) or black, or the first colour of the palette. Thread-safe. Throws
/// c10::Error that names the file and its detected content if it is not an image or ends before its first row
/// of pixels.
torch::Tensor decode_file(const std::string& path, ExifRotation rotation = ExifRotation::kIgnore);

/// Decodes a file in memory as decode_file() does; `name` is its name in error messages.
torch::Tensor decode_bytes(const std::string& bytes, const std::string& name,
                           ExifRotation rotation = ExifRotation::kIgnore);

/// Whether a file that begins with `start`, 64 bytes or the whole file, has one of these formats.
bool is_image(std::string_view start);

/// Returns the smallest factor for ImageFile::shrink() (1, 2, 4 or 8) after which an image of this size has
/// at most kMaxPixels; 8 if none suffices.
std::int64_t denominator_for_limit(std::int64_t height, std::int64_t width);

class Codec;

/// An image file; of a JPEG, only the requested pixels are decoded.
class ImageFile {
 public:
  /// Reads the header. Throws as decode_file() does, except that truncated pixel data, and a JPEG with too
  /// many pixels, are not detected until read().
  explicit ImageFile(const std::string& path, ExifRotation rotation = ExifRotation::kIgnore);
  ImageFile(std::string bytes, std::string name, ExifRotation rotation = ExifRotation::kIgnore);
  ~ImageFile();
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  std::int64_t height() const;
  std::int64_t width() const;

  /// Scales a JPEG's height and width by 1/denominator (1, 2, 4 or 8), rounded up, for all later calls. Only
  /// the low-frequency DCT coefficients are decoded: faster, but not equal to resizing the pixels. A JPEG in
  /// one scan may have up to 64 · kMaxPixels if read() is preceded by a sufficient scale. Has no effect on
  /// other formats. Throws ValueError for another denominator.
  void shrink(std::int64_t denominator);

  /// Decodes the pixels of `box`: (box.height, box.width, 3) uint8, equal to those of decode_file(). The
  /// result's rows may be strided. If the format allows it, decoding stops at the box's last row. Throws as
  /// decode_file() does, and ValueError if the box is not inside the image.
  torch::Tensor read(const Box& box);

  /// Whether read() found truncated or damaged data and returned what could be decoded.
  bool is_damaged() const;

 private:
  const std::string bytes_;
  const std::string name_;
  std::unique_ptr<Codec> codec_;
  int orientation_;  // EXIF's, 1 to 8, that read() undoes
};

}  // namespace mkt::image
