#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "codecs/codec.h"
#include "codecs/orientation.h"
#include "codecs/pixels.h"

namespace mkt::image {
namespace {

struct PngSource {
  const std::string& bytes;
  std::size_t position = 0;
  std::size_t rows = 0;  // number of rows read so far
  char message[128] = {};
};

extern "C" {

[[noreturn]] static void leave_decoder(png_structp png, png_const_charp message) {
  auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof(source->message) - 1);
  png_longjmp(png, 1);
}

static void keep_decoder_quiet(png_structp /*png*/, png_const_charp /*message*/) {}

static void give(png_structp png, png_bytep out, std::size_t size) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (size > source->bytes.size() - source->position) png_error(png, "the file is truncated");
  std::memcpy(out, source->bytes.data() + source->position, size);
  source->position += size;
}

static void count_row(png_structp png, png_uint_32 /*row*/, int /*pass*/) {
  ++static_cast<PngSource*>(png_get_io_ptr(png))->rows;
}

}  // extern "C"

class PngDecoder {
 public:
  explicit PngDecoder(const std::string& bytes)
      : source_{bytes},
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source_, leave_decoder, keep_decoder_quiet)),
        info_(png_create_info_struct(png_)) {
    TORCH_CHECK(png_ != nullptr && info_ != nullptr,
                "libpng: expected a decoder, got none. Free some memory.");
  }
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  bool open() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, &source_, give);
    png_set_read_status_fn(png_, count_row);
    png_read_info(png_, info_);
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_gray_to_rgb(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    return true;
  }

  /// Decodes into `rows`, each 3 * width() bytes long; returns false if the data end early.
  bool read(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    return true;
  }

  std::int64_t width() const { return png_get_image_width(png_, info_); }
  std::int64_t height() const { return png_get_image_height(png_, info_); }
  bool has_pixels() const { return source_.rows > 0; }
  const char* message() const { return source_.message; }

 private:
  PngSource source_;
  png_structp png_;
  png_infop info_;
};

class PngFile : public DecodedFile<PngDecoder> {
 public:
  PngFile(const std::string& bytes, const std::string& name) : DecodedFile(bytes, name, "PNG") {
    check_pixels(name_, height_, width_);
  }

  int orientation() const override { return png_orientation(bytes_); }

  torch::Tensor read(const Box& box) override {
    check_box(box, height_, width_);
    if (!decoder_) open();
    torch::Tensor image = black_image(height_, width_);  // (H, W, 3)
    std::vector<png_bytep> rows(static_cast<std::size_t>(height_));
    for (std::size_t y = 0; y < rows.size(); ++y) {
      rows[y] = image.data_ptr<std::uint8_t>() + 3 * static_cast<std::size_t>(width_) * y;
    }
    damaged_ = !decoder_->read(rows.data());
    TORCH_CHECK(!damaged_ || decoder_->has_pixels(), name_,
                ": expected an image, got a PNG file that ends before its first row of pixels (",
                decoder_->message(), "). Replace or remove the file.");
    decoder_.reset();
    return part_of(image, box);
  }
};

}  // namespace

std::unique_ptr<Codec> open_png(const std::string& bytes, const std::string& name) {
  return std::make_unique<PngFile>(bytes, name);
}

}  // namespace mkt::image
