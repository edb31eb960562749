#pragma once
// Decoders that implement ImageFile for each file format.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codecs/pixels.h"
#include "mkt/codecs/decode.h"

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
  /// The orientation that ExifRotation::kApply undoes: EXIF's, 1 (upright) to 8.
  virtual int orientation() const { return 1; }
  /// Whether the orientation is undone even with ExifRotation::kIgnore.
  virtual bool is_always_upright() const { return false; }
  /// Implements ImageFile::shrink(). Does nothing for a format without scaled decoding.
  virtual void shrink(std::int64_t /*denominator*/) {}
  /// Decodes the pixels inside `box`, ignoring the orientation: (box.height, box.width, 3) uint8, equal to a
  /// crop of the fully decoded image. Rows need not be adjacent in memory. Pixels missing from a truncated
  /// file are grey in a JPEG and black or the palette's first colour in other formats, as in Pillow. Throws
  /// c10::Error if the first row of pixels (in a JPEG, the first row of blocks) cannot be read.
  virtual torch::Tensor read(const Box& box) = 0;
  /// Whether the last read() lacked pixels of the file.
  bool is_damaged() const { return damaged_; }

 protected:
  bool damaged_ = false;
};

/// Opens an image file from memory. `bytes` must begin with the format's signature; error messages contain
/// `name`. Both must outlive the codec. Throws c10::Error if the header is malformed or declares too many
/// pixels.
std::unique_ptr<Codec> open_jpeg(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_png(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_gif(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_bmp(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_webp(const std::string& bytes, const std::string& name);
std::unique_ptr<Codec> open_tiff(const std::string& bytes, const std::string& name);
/// Opens a HEIC or AVIF file. Its orientation is part of decoding: always applied to HEIC, to AVIF if
/// `rotation` is kApply.
std::unique_ptr<Codec> open_heif(const std::string& bytes, const std::string& name, ExifRotation rotation);

/// Whether `bytes` is a HEIF file with HEIC or AVIF images, judged by its brands.
bool is_heif(std::string_view bytes);

/// Throws c10::Error if an image of this size is empty or exceeds kMaxPixels.
void check_pixels(const std::string& name, std::int64_t height, std::int64_t width);

/// Returns an image of black pixels: (height, width, 3) uint8. Starts no threads.
torch::Tensor black_image(std::int64_t height, std::int64_t width);

/// Codec for a format that is always decoded as a whole.
class WholeFile : public Codec {
 public:
  WholeFile(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::int64_t height() const override { return height_; }
  std::int64_t width() const override { return width_; }
  torch::Tensor read(const Box& box) override {
    check_box(box, height_, width_);
    damaged_ = false;
    return part_of(decode(), box);
  }

 protected:
  /// Decodes all pixels: (height, width, 3) uint8. Sets damaged_ if some are missing.
  virtual torch::Tensor decode() = 0;
  /// Sets the size, for the constructor.
  void set_size(std::int64_t height, std::int64_t width) {
    check_pixels(name_, height, width);
    height_ = height;
    width_ = width;
  }
  /// Throws c10::Error about the file's header, or about pixels of which none can be read.
  [[noreturn]] void fail_header(const char* format, const std::string& message) const {
    TORCH_CHECK(false, name_, ": expected an image, got a ", format, " file with a malformed header (",
                message, "). Replace or remove the file.");
  }
  [[noreturn]] void fail_pixels(const char* format, const std::string& message) const {
    TORCH_CHECK(false, name_, ": expected an image, got a broken ", format, " file (", message,
                "). Replace or remove the file.");
  }

  const std::string& bytes_;
  const std::string& name_;

 private:
  std::int64_t height_ = 0;
  std::int64_t width_ = 0;
};

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
