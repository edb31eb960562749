// Uses libjpeg's C interface directly: OpenCV's decoders depend on 139 libraries and write libjpeg's warnings
// to stderr.

#include <csetjmp>
#include <cstdio>
#include <cstring>
// jpeglib.h needs FILE and size_t, whose headers it does not include.
#include <jpeglib.h>
// jerror.h needs jpeglib.h.
#include <jerror.h>

#include <algorithm>
#include <vector>

#include "codecs/codec.h"
#include "codecs/orientation.h"
#include "codecs/pixels.h"

namespace mkt::image {
namespace {

constexpr int kMaxScans = 1000;      // maximum; decoding a file with more scans could take hours
constexpr std::int64_t kMargin = 2;  // additional columns decoded on each side of a box

struct Failure {
  jpeg_error_mgr manager = {};  // must be the first member: libjpeg passes a pointer to it
  std::jmp_buf jump = {};
  char message[JMSG_LENGTH_MAX] = {};
  bool no_pixels = false;
  bool lacks_data = false;  // coefficients are missing or wrong
};

extern "C" {

[[noreturn]] static void leave_jpeg(j_common_ptr decoder) {
  auto* failure = reinterpret_cast<Failure*>(decoder->err);
  decoder->err->format_message(decoder, failure->message);
  std::longjmp(failure->jump, 1);
}

static void keep_jpeg_quiet(j_common_ptr /*decoder*/) {}

// Detects damaged data, and data that end before the first row of blocks is complete. libjpeg only issues a
// warning and inserts an EOI marker at the end of the file. Its other warnings do not concern pixels.
static void note_missing_pixels(j_common_ptr decoder, int level) {
  if (level < 0) ++decoder->err->num_warnings;
  const int code = decoder->err->msg_code;
  if (level < 0 && (code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC))
    reinterpret_cast<Failure*>(decoder->err)->lacks_data = true;
  if (decoder->is_decompressor == 0 || code != JWRN_HIT_MARKER) return;
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

class JpegDecoder {
 public:
  explicit JpegDecoder(const std::string& bytes) : bytes_(bytes) {
    state_.err = jpeg_std_error(&failure_.manager);
    failure_.manager.error_exit = leave_jpeg;
    failure_.manager.output_message = keep_jpeg_quiet;
    failure_.manager.emit_message = note_missing_pixels;
    progress_.progress_monitor = limit_scans;
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&state_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

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

  /// Enables scaled decoding: one decoded pixel covers denominator × denominator pixels. Call before start().
  void shrink(std::int64_t denominator) {
    state_.scale_num = 1;
    state_.scale_denom = static_cast<unsigned int>(denominator);
  }

  /// Starts decoding. Decoded rows contain the columns of `box` and a margin; the first column is left().
  bool start(const Box& box) {
    if (setjmp(failure_.jump) != 0) return false;
    jpeg_start_decompress(&state_);
    // The margin is needed because the outermost decoded column has no neighbour for chroma smoothing.
    const std::int64_t left = std::max<std::int64_t>(box.left - kMargin, 0);
    const std::int64_t right = std::min<std::int64_t>(box.left + box.width + kMargin, state_.output_width);
    if (right - left == state_.output_width) return true;
    left_ = static_cast<JDIMENSION>(left);
    auto width = static_cast<JDIMENSION>(right - left);
    jpeg_crop_scanline(&state_, &left_, &width);
    return true;
  }

  /// Decodes `rows` rows, each row_bytes() long, starting at row `top`; returns false after a decoding error.
  bool read(unsigned char* pixels, std::int64_t top, std::int64_t rows) {
    if (setjmp(failure_.jump) != 0) return false;
    const auto first = static_cast<JDIMENSION>(top);
    if (first > 0) jpeg_skip_scanlines(&state_, first);
    while (state_.output_scanline < first + static_cast<JDIMENSION>(rows)) {
      JSAMPROW row = pixels + row_bytes() * (state_.output_scanline - first);
      jpeg_read_scanlines(&state_, &row, 1);
    }
    return true;
  }

  std::int64_t width() const { return state_.image_width; }
  std::int64_t height() const { return state_.image_height; }
  std::int64_t left() const { return left_; }
  std::size_t row_bytes() const {
    return std::size_t{state_.output_width} * static_cast<std::size_t>(channels());
  }
  int channels() const { return state_.out_color_space == JCS_CMYK ? 4 : 3; }
  std::size_t rows_read() const { return state_.output_scanline; }
  /// Whether rows can be decoded in order, independently of later data and of skipped columns. libjpeg cannot
  /// skip columns in scaled decoding if chroma has a quarter of the columns.
  bool is_sequential() {
    if (state_.scale_denom > 1 && state_.max_h_samp_factor > 2) return false;
    return jpeg_has_multiple_scans(&state_) == FALSE && state_.progressive_mode == FALSE;
  }
  bool has_several_scans() { return jpeg_has_multiple_scans(&state_) != FALSE; }
  bool has_pixels() const { return !failure_.no_pixels; }
  bool lacks_data() const { return failure_.lacks_data; }
  bool is_damaged() const { return failure_.manager.num_warnings > 0; }
  const char* message() const { return failure_.message; }

 private:
  const std::string& bytes_;
  Failure failure_;
  jpeg_decompress_struct state_ = {};
  jpeg_progress_mgr progress_ = {};
  JDIMENSION left_ = 0;
};

// Converts CMYK to RGB. The CMYK values are inverted, as Adobe writes them: 255 means no ink.
void cmyk_to_rgb(const unsigned char* cmyk, std::int64_t pixels, std::uint8_t* rgb) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const int black = cmyk[4 * i + 3];
    for (int c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<std::uint8_t>((cmyk[4 * i + c] * black + 127) / 255);
  }
}

class JpegFile : public DecodedFile<JpegDecoder> {
 public:
  JpegFile(const std::string& bytes, const std::string& name) : DecodedFile(bytes, name, "JPEG") {
    // Several scans are decoded from coefficients in memory, at any scale 2 bytes or more per pixel.
    if (decoder_->has_several_scans()) check_pixels(name_, height_, width_);
  }

  int orientation() const override { return jpeg_orientation(bytes_); }

  void shrink(std::int64_t denominator) override {
    TORCH_CHECK_VALUE(denominator == 1 || denominator == 2 || denominator == 4 || denominator == 8,
                      "denominator: expected 1, 2, 4 or 8, got ", denominator, ". Choose one of them.");
    denominator_ = denominator;
    if (decoder_) {
      decoder_->shrink(denominator_);
    } else {
      open_shrunk();
    }
    height_ = (decoder_->height() + denominator - 1) / denominator;
    width_ = (decoder_->width() + denominator - 1) / denominator;
  }

  torch::Tensor read(const Box& box) override {
    check_box(box, height_, width_);
    damaged_ = false;
    if (!decoder_) open_shrunk();
    if (height_ > kMaxPixels / width_) check_pixels(name_, decoder_->height(), decoder_->width());
    torch::Tensor part;
    const bool whole = box.height == height_ && box.width == width_;
    if (!whole && decoder_->channels() == 3 && decoder_->is_sequential()) {
      part = read_part(box);
      if (!part.defined()) open_shrunk();  // damaged: decode the whole file and keep the readable rows
    }
    if (!part.defined()) part = part_of(read_whole(), box);
    damaged_ = damaged_ || decoder_->lacks_data();
    decoder_.reset();
    return part;
  }

 private:
  void open_shrunk() {
    open();
    decoder_->shrink(denominator_);
  }

  /// Decodes only `box`: (box.height, box.width, 3). Returns an undefined tensor if the file is damaged.
  torch::Tensor read_part(const Box& box) {
    if (!decoder_->start(box)) return {};
    const auto stride = static_cast<std::int64_t>(decoder_->row_bytes());
    const torch::Tensor rows = torch::empty({box.height, stride / 3, 3}, torch::kUInt8);
    if (!decoder_->read(rows.data_ptr<std::uint8_t>(), box.top, box.height) || decoder_->is_damaged())
      return {};
    return rows.narrow(1, box.left - decoder_->left(), box.width);
  }

  torch::Tensor read_whole() {
    torch::Tensor image = torch::empty({height_, width_, 3}, torch::kUInt8);  // (H, W, 3)
    auto* pixels = image.data_ptr<std::uint8_t>();
    std::vector<unsigned char> cmyk;
    if (decoder_->channels() == 4) cmyk.resize(static_cast<std::size_t>(4 * height_ * width_));
    const bool whole = decoder_->start({0, 0, width_, height_}) &&
                       decoder_->read(cmyk.empty() ? pixels : cmyk.data(), 0, height_);
    damaged_ = !whole;
    const std::size_t done = decoder_->rows_read() * static_cast<std::size_t>(width_);
    if (!cmyk.empty()) cmyk_to_rgb(cmyk.data(), static_cast<std::int64_t>(done), pixels);
    std::memset(pixels + 3 * done, 0, image.nbytes() - 3 * done);  // torch::zeros() would start threads
    TORCH_CHECK(whole || done > 0, name_, ": expected an image, got a broken JPEG file (",
                decoder_->message(), "). Replace or remove the file.");
    TORCH_CHECK(
        decoder_->has_pixels(), name_,
        ": expected an image, got a JPEG file that ends before its first row of pixels. Replace or remove "
        "the file.");
    return image;
  }

  std::int64_t denominator_ = 1;
};

}  // namespace

std::unique_ptr<Codec> open_jpeg(const std::string& bytes, const std::string& name) {
  return std::make_unique<JpegFile>(bytes, name);
}

}  // namespace mkt::image
