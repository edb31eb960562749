#include "mkt/codecs/decode.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "codecs/codec.h"
#include "codecs/orientation.h"
#include "core/text.h"
#include "io/descriptor.h"

namespace mkt::image {
namespace {

constexpr std::int64_t kMaxFileBytes = std::int64_t{1} << 30;
constexpr std::string_view kJpegSignature = "\xFF\xD8\xFF";
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1A\n";

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || (byte >= 0x09 && byte <= 0x0D);
  });
}

bool is_tiff(std::string_view bytes) {
  for (const std::string_view signature : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                           std::string_view("II+\0", 4), std::string_view("MM\0+", 4)}) {
    if (starts_with(bytes, signature)) return true;
  }
  return false;
}

bool is_webp(std::string_view bytes) {
  return bytes.size() > 12 && starts_with(bytes, "RIFF") && bytes.substr(8, 4) == "WEBP";
}

bool is_bmp(std::string_view bytes) {
  return starts_with(bytes, "BM") && !is_text(bytes.substr(0, 32));
}

std::string describe(std::string_view bytes) {
  if (bytes.empty()) return "an empty file";
  if (bytes.size() > 8 && bytes.substr(4, 4) == "ftyp") return "a video or another HEIF file";
  if (starts_with(bytes, "version https://git-lfs")) return "a Git LFS pointer";
  const auto first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && bytes[first] == '<') return "an HTML or XML page";
  if (is_text(bytes.substr(0, 512))) return "a text file";
  return "an unknown format";
}

std::string read_file(const std::string& path) {
  struct stat status = {};  // checked first, because opening a pipe would block
  TORCH_CHECK(stat(path.c_str(), &status) == 0, path, ": expected an image, got no file (",
              std::strerror(errno), "). Check the path.");
  TORCH_CHECK(S_ISREG(status.st_mode), path, ": expected an image file, got ",
              S_ISDIR(status.st_mode) ? "a folder" : "a pipe or a device", ". Name a file.");
  TORCH_CHECK(status.st_size <= kMaxFileBytes, path, ": expected an image of at most ", kMaxFileBytes,
              " bytes, got ", status.st_size, ". Make it smaller.");
  const io::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  TORCH_CHECK(file.fd() >= 0, path, ": expected an image, got a file that cannot be opened (",
              std::strerror(errno), "). Check its permissions.");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = read(file.fd(), &bytes[done], bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    TORCH_CHECK(got >= 0, path, ": reading stopped at byte ", done, " (", std::strerror(errno),
                "). Check the disk.");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::unique_ptr<Codec> open_codec(const std::string& bytes, const std::string& name, ExifRotation rotation) {
  if (starts_with(bytes, kJpegSignature)) return open_jpeg(bytes, name);
  if (starts_with(bytes, kPngSignature)) return open_png(bytes, name);
  if (is_webp(bytes)) return open_webp(bytes, name);
  if (starts_with(bytes, "GIF8")) return open_gif(bytes, name);
  if (is_tiff(bytes)) return open_tiff(bytes, name);
  if (is_heif(bytes)) return open_heif(bytes, name, rotation);
  if (is_bmp(bytes)) return open_bmp(bytes, name);
  TORCH_CHECK(false, name, ": expected a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image, got ",
              describe(bytes), ". Replace, convert or remove the file.");
}

}  // namespace

bool is_image(std::string_view start) {
  return starts_with(start, kJpegSignature) || starts_with(start, kPngSignature) || is_webp(start) ||
         starts_with(start, "GIF8") || is_tiff(start) || is_heif(start) || is_bmp(start);
}

void check_pixels(const std::string& name, std::int64_t height, std::int64_t width) {
  TORCH_CHECK(height > 0 && width > 0, name, ": expected an image, got one of ", width, " x ", height,
              " pixels. Replace or remove the file.");
  TORCH_CHECK(height <= kMaxPixels / width, name, ": expected an image of at most ", kMaxPixels,
              " pixels, got ", width, " x ", height, ". Make it smaller.");
}

torch::Tensor black_image(std::int64_t height, std::int64_t width) {
  torch::Tensor image = torch::empty({height, width, 3}, torch::kUInt8);  // (H, W, 3)
  std::memset(image.data_ptr(), 0, image.nbytes());  // torch::zeros() would start threads
  return image;
}

std::int64_t denominator_for_limit(std::int64_t height, std::int64_t width) {
  for (const std::int64_t denominator : {1, 2, 4}) {
    const std::int64_t rows = (height + denominator - 1) / denominator;
    const std::int64_t columns = (width + denominator - 1) / denominator;
    if (rows <= kMaxPixels / std::max<std::int64_t>(columns, 1)) return denominator;
  }
  return 8;
}

ImageFile::ImageFile(std::string bytes, std::string name, ExifRotation rotation)
    : bytes_(std::move(bytes)), name_(std::move(name)), codec_(open_codec(bytes_, name_, rotation)) {
  const bool upright = rotation == ExifRotation::kApply || codec_->is_always_upright();
  orientation_ = upright ? codec_->orientation() : 1;
}

ImageFile::ImageFile(const std::string& path, ExifRotation rotation)
    : ImageFile(read_file(path), path, rotation) {}
ImageFile::~ImageFile() = default;

std::int64_t ImageFile::height() const {
  return swaps_axes(orientation_) ? codec_->width() : codec_->height();
}

std::int64_t ImageFile::width() const {
  return swaps_axes(orientation_) ? codec_->height() : codec_->width();
}

void ImageFile::shrink(std::int64_t denominator) {
  codec_->shrink(denominator);
}

torch::Tensor ImageFile::read(const Box& box) {
  check_box(box, height(), width());
  const Box stored = stored_box(box, orientation_, codec_->height(), codec_->width());
  return turn_upright(codec_->read(stored), orientation_);
}

bool ImageFile::is_damaged() const {
  return codec_->is_damaged();
}

torch::Tensor decode_file(const std::string& path, ExifRotation rotation) {
  return decode_bytes(read_file(path), path, rotation);
}

torch::Tensor decode_bytes(const std::string& bytes, const std::string& name, ExifRotation rotation) {
  ImageFile file(bytes, name, rotation);
  return file.read({0, 0, file.width(), file.height()});
}

}  // namespace mkt::image
