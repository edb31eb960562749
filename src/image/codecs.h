#pragma once
// The two decoders behind ImageFile.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

/// A file whose header is read.
class Codec {
 public:
  Codec() = default;
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  virtual std::int64_t height() const = 0;
  virtual std::int64_t width() const = 0;
  /// ImageFile::shrink(), where the format can.
  virtual void shrink(std::int64_t /*denominator*/) {}
  /// The pixels of `box`, (box.height, box.width, 3) uint8, of which rows may lie apart: those that reading
  /// the whole file gives. Throws c10::Error where not even the first row of pixels (of blocks, in a JPEG)
  /// can be read, and gives what there is of a file cut short later: what is missing is grey in a JPEG and
  /// black in a PNG, as with Pillow.
  virtual torch::Tensor read(const Box& box) = 0;
};

/// `bytes` begin with the format's signature; `name` stands for the file in messages; both must outlive the
/// codec. They throw c10::Error where the header is none.
std::unique_ptr<Codec> open_jpeg(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_png(const std::string& bytes, const std::string& name);

/// Throws c10::Error where an image of this size would exceed kMaxPixels.
void check_pixels(const std::string& name, std::int64_t height, std::int64_t width);

}  // namespace mkt::image
