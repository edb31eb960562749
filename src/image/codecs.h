#pragma once
// The decoders that implement ImageFile.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

/// An image file whose header has been read.
class Codec {
 public:
  Codec() = default;
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  virtual std::int64_t height() const = 0;
  virtual std::int64_t width() const = 0;
  /// ImageFile::shrink(); does nothing if the format cannot.
  virtual void shrink(std::int64_t /*denominator*/) {}
  /// The pixels of `box`, (box.height, box.width, 3) uint8, with the values that decoding the whole file
  /// gives. Rows need not be adjacent in memory. Pixels after a truncation are grey in a JPEG and black in a
  /// PNG, as in Pillow. Throws c10::Error if not even the first row of pixels (of blocks, in a JPEG) can be
  /// read.
  virtual torch::Tensor read(const Box& box) = 0;
};

/// Opens a file in memory. `bytes` begin with the signature of the format; `name` is the file's name in
/// messages. Both must outlive the codec. Throws c10::Error if the header is malformed.
std::unique_ptr<Codec> open_jpeg(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_png(const std::string& bytes, const std::string& name);

/// Throws c10::Error if an image of this size exceeds kMaxPixels.
void check_pixels(const std::string& name, std::int64_t height, std::int64_t width);

}  // namespace mkt::image
