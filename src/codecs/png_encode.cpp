#include "codecs/encode.h"

#include <png.h>

#include <csetjmp>
#include <cstring>

#include "codecs/pixels.h"

namespace mkt::image {
namespace {

constexpr int kFast = 2;  // zlib level; photographs compress poorly at any level

struct Sink {
  std::string bytes;
  char message[128] = {};
};

extern "C" {

[[noreturn]] static void leave_encoder(png_structp png, png_const_charp message) {
  auto* sink = static_cast<Sink*>(png_get_error_ptr(png));
  std::strncpy(sink->message, message, sizeof(sink->message) - 1);
  png_longjmp(png, 1);
}

static void keep_encoder_quiet(png_structp /*png*/, png_const_charp /*message*/) {}

static void take(png_structp png, png_bytep bytes, std::size_t size) {
  static_cast<Sink*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<const char*>(bytes), size);
}

static void flush(png_structp /*png*/) {}

}  // extern "C"

class Encoder {
 public:
  Encoder()
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink_, leave_encoder, keep_encoder_quiet)),
        info_(png_create_info_struct(png_)) {
    TORCH_CHECK(png_ != nullptr && info_ != nullptr,
                "libpng: expected an encoder, got none. Free some memory.");
  }
  ~Encoder() { png_destroy_write_struct(&png_, &info_); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  bool write(const std::uint8_t* pixels, std::int64_t height, std::int64_t width) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_write_fn(png_, &sink_, take, flush);
    png_set_compression_level(png_, kFast);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    for (std::int64_t y = 0; y < height; ++y) png_write_row(png_, pixels + 3 * width * y);
    png_write_end(png_, info_);
    return true;
  }

  std::string& bytes() { return sink_.bytes; }
  const char* message() const { return sink_.message; }

 private:
  Sink sink_;
  png_structp png_;
  png_infop info_;
};

}  // namespace

std::string encode_png(const torch::Tensor& image) {
  check_image(image);
  const torch::Tensor whole = image.contiguous();
  Encoder encoder;
  const bool done = encoder.write(pixels_of(whole), whole.size(0), whole.size(1));
  TORCH_CHECK(done, "libpng: expected a PNG file of ", image.sizes(), ", got: ", encoder.message(), ".");
  return std::move(encoder.bytes());
}

}  // namespace mkt::image
