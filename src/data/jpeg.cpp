// libjpeg's C interface, used directly: OpenCV's decoders bring 139 libraries with them, and write libjpeg's
// warnings to stderr.

#include <csetjmp>
#include <cstdio>
#include <cstring>
// jpeglib.h needs FILE and size_t, which it does not include itself.
#include <jpeglib.h>
// and jerror.h needs jpeglib.h.
#include <jerror.h>

#include <vector>

#include "codecs.h"

namespace mkt::data {
namespace {

constexpr int kMaxScans = 1000;  // a progressive file may otherwise ask for hours of work on one picture

struct Failure {
  jpeg_error_mgr manager = {};  // first: libjpeg hands back a pointer to it
  std::jmp_buf jump = {};
  char message[JMSG_LENGTH_MAX] = {};
  bool no_pixels = false;
};

extern "C" {

[[noreturn]] static void leave(j_common_ptr decoder) {
  auto* failure = reinterpret_cast<Failure*>(decoder->err);
  decoder->err->format_message(decoder, failure->message);
  std::longjmp(failure->jump, 1);
}

static void keep_quiet(j_common_ptr /*decoder*/) {}

// What libjpeg lets pass with a warning: data that ends (at the end of the file it reads an EOI of its own)
// before the first row of blocks is whole.
static void note_missing_pixels(j_common_ptr decoder, int /*level*/) {
  if (decoder->is_decompressor == 0 || decoder->err->msg_code != JWRN_HIT_MARKER) return;
  const auto* state = reinterpret_cast<j_decompress_ptr>(decoder);
  if (state->unread_marker != JPEG_EOI || state->input_scan_number > 1 || state->input_iMCU_row > 0) return;
  reinterpret_cast<Failure*>(decoder->err)->no_pixels = true;
}

static void limit_scans(j_common_ptr decoder) {
  if (decoder->is_decompressor == 0) return;
  auto* failure = reinterpret_cast<Failure*>(decoder->err);
  if (reinterpret_cast<j_decompress_ptr>(decoder)->input_scan_number <= kMaxScans) return;
  std::snprintf(failure->message, sizeof(failure->message), "more than %d scans", kMaxScans);
  std::longjmp(failure->jump, 1);
}

}  // extern "C"

class Decoder {
 public:
  explicit Decoder(const std::string& bytes) : bytes_(bytes) {
    state_.err = jpeg_std_error(&failure_.manager);
    failure_.manager.error_exit = leave;
    failure_.manager.output_message = keep_quiet;
    failure_.manager.emit_message = note_missing_pixels;
    progress_.progress_monitor = limit_scans;
  }
  ~Decoder() { jpeg_destroy_decompress(&state_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool open() {
    if (setjmp(failure_.jump) != 0) return false;
    jpeg_create_decompress(&state_);
    state_.progress = &progress_;
    jpeg_mem_src(&state_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&state_, TRUE);
    const bool four = state_.jpeg_color_space == JCS_CMYK || state_.jpeg_color_space == JCS_YCCK;
    state_.out_color_space = four ? JCS_CMYK : JCS_RGB;
    return true;
  }

  /// Fills rows of width() * channels() bytes; false where the data broke off with an error.
  bool read(unsigned char* pixels) {
    if (setjmp(failure_.jump) != 0) return false;
    jpeg_start_decompress(&state_);
    const std::size_t stride = std::size_t{state_.output_width} * static_cast<std::size_t>(channels());
    while (state_.output_scanline < state_.output_height) {
      JSAMPROW row = pixels + stride * state_.output_scanline;
      jpeg_read_scanlines(&state_, &row, 1);
    }
    return true;
  }

  std::int64_t width() const { return state_.image_width; }
  std::int64_t height() const { return state_.image_height; }
  int channels() const { return state_.out_color_space == JCS_CMYK ? 4 : 3; }
  bool reached_data() const { return state_.output_scanline > 0; }
  bool has_pixels() const { return !failure_.no_pixels; }
  const char* message() const { return failure_.message; }

 private:
  const std::string& bytes_;
  Failure failure_;
  jpeg_decompress_struct state_ = {};
  jpeg_progress_mgr progress_ = {};
};

// Files with four channels hold them inverted, as Adobe writes them: 255 is no ink.
void cmyk_to_rgb(const unsigned char* cmyk, std::int64_t pixels, std::uint8_t* rgb) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const int black = cmyk[4 * i + 3];
    for (int c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<std::uint8_t>((cmyk[4 * i + c] * black + 127) / 255);
  }
}

}  // namespace

torch::Tensor decode_jpeg(const std::string& bytes, const std::string& name) {
  Decoder decoder(bytes);
  TORCH_CHECK(decoder.open(), name, ": expected an image, got a JPEG header without one (", decoder.message(),
              "). Replace or remove the file.");
  check_pixels(name, decoder.height(), decoder.width());
  torch::Tensor image = torch::empty({decoder.height(), decoder.width(), 3}, torch::kUInt8);  // (H, W, 3)
  std::memset(image.data_ptr(), 0, image.nbytes());  // zeros() would start threads
  bool whole = false;
  if (decoder.channels() == 3) {
    whole = decoder.read(image.data_ptr<std::uint8_t>());
  } else {
    const std::int64_t pixels = decoder.height() * decoder.width();
    std::vector<unsigned char> cmyk(static_cast<std::size_t>(4 * pixels));
    whole = decoder.read(cmyk.data());
    cmyk_to_rgb(cmyk.data(), pixels, image.data_ptr<std::uint8_t>());
  }
  TORCH_CHECK(whole || decoder.reached_data(), name, ": expected an image, got a broken JPEG file (",
              decoder.message(), "). Replace or remove the file.");
  TORCH_CHECK(
      decoder.has_pixels(), name,
      ": expected an image, got a JPEG file that breaks off before its first row of pixels. Replace or "
      "remove the file.");
  return image;
}

}  // namespace mkt::data
