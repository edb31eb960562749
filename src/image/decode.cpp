#include "mkt/image/decode.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/text.h"
#include "image/codecs.h"
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

std::string describe(std::string_view bytes) {
  if (bytes.empty()) return "an empty file";
  if (starts_with(bytes, "GIF8")) return "a GIF image";
  if (starts_with(bytes, "RIFF") && bytes.substr(0, 12).substr(8) == "WEBP") return "a WebP image";
  if (starts_with(bytes, std::string_view("II*\0", 4)) || starts_with(bytes, std::string_view("MM\0*", 4))) {
    return "a TIFF image";
  }
  if (bytes.size() > 8 && bytes.substr(4, 4) == "ftyp") return "a HEIF, AVIF or video file";
  if (starts_with(bytes, "BM") && !is_text(bytes.substr(0, 32))) return "a BMP image";
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

std::unique_ptr<Codec> open_codec(const std::string& bytes, const std::string& name) {
  if (starts_with(bytes, kJpegSignature)) return open_jpeg(bytes, name);
  if (starts_with(bytes, kPngSignature)) return open_png(bytes, name);
  TORCH_CHECK(false, name, ": expected a JPEG or PNG image, got ", describe(bytes),
              ". Replace, convert or remove the file.");
}

}  // namespace

void check_pixels(const std::string& name, std::int64_t height, std::int64_t width) {
  TORCH_CHECK(height <= kMaxPixels / std::max<std::int64_t>(width, 1), name,
              ": expected an image of at most ", kMaxPixels, " pixels, got ", width, " x ", height,
              ". Make it smaller.");
}

ImageFile::ImageFile(std::string bytes, std::string name)
    : bytes_(std::move(bytes)), name_(std::move(name)), codec_(open_codec(bytes_, name_)) {}

ImageFile::ImageFile(const std::string& path) : ImageFile(read_file(path), path) {}
ImageFile::~ImageFile() = default;

std::int64_t ImageFile::height() const {
  return codec_->height();
}

std::int64_t ImageFile::width() const {
  return codec_->width();
}

void ImageFile::shrink(std::int64_t denominator) {
  codec_->shrink(denominator);
}

torch::Tensor ImageFile::read(const Box& box) {
  return codec_->read(box);
}

torch::Tensor decode_file(const std::string& path) {
  return decode_bytes(read_file(path), path);
}

torch::Tensor decode_bytes(const std::string& bytes, const std::string& name) {
  const auto codec = open_codec(bytes, name);
  return codec->read({0, 0, codec->width(), codec->height()});
}

}  // namespace mkt::image
