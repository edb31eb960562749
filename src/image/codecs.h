#pragma once
// Decoders that implement ImageFile for each file format.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "mkt/image/resample.h"

namespace mkt::image {

/// Decoder for one image file, whose header has been read.
class Codec {
 public:
  Codec() = default;
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  virtual std::int64_t height() const = 0;
  virtual std::int64_t width() const = 0;
  /// Implements ImageFile::shrink(). Does nothing for a format without scaled decoding.
  virtual void shrink(std::int64_t /*denominator*/) {}
  /// Decodes the pixels inside `box`: (box.height, box.width, 3) uint8, equal to a crop of the fully decoded
  /// image. Rows need not be adjacent in memory. Pixels missing from a truncated file are grey in a JPEG and
  /// black in a PNG, as in Pillow. Throws c10::Error if the first row of pixels (in a JPEG, the first row of
  /// blocks) cannot be read.
  virtual torch::Tensor read(const Box& box) = 0;
};

/// Opens an image file from memory. `bytes` must begin with the format's signature; error messages contain
/// `name`. Both must outlive the codec. Throws c10::Error if the header is malformed.
std::unique_ptr<Codec> open_jpeg(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_png(const std::string& bytes, const std::string& name);

/// Throws c10::Error if an image of this size exceeds kMaxPixels.
void check_pixels(const std::string& name, std::int64_t height, std::int64_t width);

/// Codec whose `Decoder` can read a file once. Decoder has a constructor from the file's bytes, open(), which
/// reads the header and returns false if it is malformed, height(), width(), and message() about the error.
template <typename Decoder>
class DecodedFile : public Codec {
 public:
  /// Reads the header. `format` is the format's name in error messages.
  DecodedFile(const std::string& bytes, const std::string& name, const char* format)
      : bytes_(bytes), name_(name), format_(format) {
    open();
    height_ = decoder_->height();
    width_ = decoder_->width();
    check_pixels(name_, height_, width_);
  }

  std::int64_t height() const override { return height_; }
  std::int64_t width() const override { return width_; }

 protected:
  /// Reads the header with a new decoder.
  void open() {
    decoder_ = std::make_unique<Decoder>(bytes_);
    TORCH_CHECK(decoder_->open(), name_, ": expected an image, got a ", format_,
                " file with a malformed header (", decoder_->message(), "). Replace or remove the file.");
  }

  const std::string& bytes_;
  const std::string& name_;
  const char* format_;
  std::unique_ptr<Decoder> decoder_;  // state after reading the header; null after the pixels are read
  std::int64_t height_ = 0;
  std::int64_t width_ = 0;
};

}  // namespace mkt::image
