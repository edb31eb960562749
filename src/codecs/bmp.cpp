// BMP files. OpenCV's decoder would be the library for it, but depends on 139 others; the format is small.
// Source: Microsoft's documentation of BITMAPINFOHEADER and its successors; results as Pillow's.

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "codecs/codec.h"
#include "io/bytes.h"

namespace mkt::image {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kCoreHeader = 12;  // OS/2's: 16-bit sizes, 3 bytes per colour

enum Compression : std::uint32_t {
  kNone = 0,
  kRunLength8 = 1,
  kRunLength4 = 2,
  kBitFields = 3,
  kBitFieldsAlpha = 6
};

using Colour3 = std::array<std::uint8_t, 3>;

struct BmpHeader {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool top_down = false;
  std::size_t bits = 0;  // per pixel
  std::uint32_t compression = kNone;
  std::array<std::uint32_t, 3> masks = {};  // red, green, blue; for 16 and 32 bits
  std::array<Colour3, 256> palette = {};    // for up to 8 bits
  std::size_t pixels = 0;                   // position of the first pixel
};

/// Scales the bits of `value` under `mask` to 0 … 255, rounded down.
std::uint8_t masked(std::uint32_t value, std::uint32_t mask) {
  if (mask == 0) return 0;
  std::uint32_t shift = 0;
  while ((mask >> shift & 1U) == 0) ++shift;
  return static_cast<std::uint8_t>(std::uint64_t{(value & mask) >> shift} * 255 / (mask >> shift));
}

class BmpFile : public WholeFile {
 public:
  BmpFile(const std::string& bytes, const std::string& name) : WholeFile(bytes, name) {
    read_header();
    set_size(header_.height, header_.width);
    if (is_run_length()) return;
    if (header_.pixels >= bytes_.size()) fail_header("BMP", "it ends before its pixels");
  }

 protected:
  torch::Tensor decode() override { return is_run_length() ? decode_runs() : decode_rows(); }

 private:
  bool is_run_length() const {
    return header_.compression == kRunLength8 || header_.compression == kRunLength4;
  }

  std::uint32_t number(std::size_t at, std::size_t count) const {
    if (at + count > bytes_.size()) fail_header("BMP", "it is truncated");
    return static_cast<std::uint32_t>(
        io::read_little(reinterpret_cast<const std::uint8_t*>(bytes_.data()) + at, count));
  }

  void read_header() {
    const std::size_t size = number(kFileHeader, 4);
    constexpr std::array<std::size_t, 7> kSizes = {kCoreHeader, 40, 52, 56, 64, 108, 124};
    if (std::find(kSizes.begin(), kSizes.end(), size) == kSizes.end())
      fail_header("BMP", "unknown size of the header");
    std::size_t colours = 0;
    if (size == kCoreHeader) {
      header_.width = number(18, 2);
      header_.height = number(20, 2);
      header_.bits = number(24, 2);
    } else {
      header_.width = static_cast<std::int32_t>(number(18, 4));
      header_.height = static_cast<std::int32_t>(number(22, 4));
      header_.bits = number(28, 2);
      header_.compression = number(30, 4);
      colours = number(46, 4);
    }
    header_.top_down = header_.height < 0;
    header_.height = header_.top_down ? -header_.height : header_.height;
    std::size_t end = kFileHeader + size;
    read_masks(&end, size);
    if (header_.bits <= 8) end = read_palette(end, size == kCoreHeader ? 3 : 4, colours);
    const std::size_t stated = number(10, 4);
    header_.pixels = stated == 0 ? end : stated;
  }

  void read_masks(std::size_t* end, std::size_t size) {
    const std::uint32_t how = header_.compression;
    const std::size_t bits = header_.bits;
    const bool fields = how == kBitFields || how == kBitFieldsAlpha;
    const bool known = (how == kNone && (bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 ||
                                         bits == 24 || bits == 32)) ||
                       (how == kRunLength8 && bits == 8) || (how == kRunLength4 && bits == 4) ||
                       (fields && (bits == 16 || bits == 24 || bits == 32));
    if (!known)
      fail_header("BMP", c10::str("compression ", how, " with ", bits, " bits per pixel is not supported"));
    header_.masks = {0xFF0000, 0xFF00, 0xFF};
    if (bits == 16) header_.masks = {0x7C00, 0x3E0, 0x1F};
    if (!fields) return;
    const std::array<std::uint32_t, 3> stated = {number(54, 4), number(58, 4), number(62, 4)};
    if (stated[0] != 0 || stated[1] != 0 || stated[2] != 0) header_.masks = stated;
    if (size == 40) *end += how == kBitFieldsAlpha ? 16 : 12;
  }

  /// Reads the palette at `at`; returns the position after it. Colours beyond it are shades of grey.
  std::size_t read_palette(std::size_t at, std::size_t width, std::size_t colours) {
    const std::size_t most = std::size_t{1} << header_.bits;
    if (colours == 0) colours = most;
    for (std::size_t i = 0; i < header_.palette.size(); ++i)
      header_.palette[i].fill(static_cast<std::uint8_t>(i));
    for (std::size_t i = 0; i < std::min(colours, most); ++i) {
      const std::uint32_t colour = number(at + i * width, 3);
      header_.palette[i] = {static_cast<std::uint8_t>(colour >> 16U), static_cast<std::uint8_t>(colour >> 8U),
                            static_cast<std::uint8_t>(colour)};
    }
    return at + colours * width;
  }

  void write_row(const std::uint8_t* row, std::uint8_t* out) const {
    const std::size_t bits = header_.bits;
    for (std::size_t x = 0; x < static_cast<std::size_t>(width()); ++x, out += 3) {
      if (bits <= 8) {
        const std::size_t shift = 8 - bits - x * bits % 8;
        const std::size_t index = row[x * bits / 8] >> shift & ((1U << bits) - 1U);
        std::memcpy(out, header_.palette[index].data(), 3);
        continue;
      }
      const auto value = static_cast<std::uint32_t>(io::read_little(row + x * bits / 8, bits / 8));
      for (std::size_t c = 0; c < 3; ++c) out[c] = masked(value, header_.masks[c]);
    }
  }

  std::uint8_t* out_row(const torch::Tensor& image, std::int64_t stored) const {
    const std::int64_t y = header_.top_down ? stored : height() - 1 - stored;
    return image.data_ptr<std::uint8_t>() + 3 * width() * y;
  }

  /// An image in which no pixel is read yet: colour 0 of the palette, or black.
  torch::Tensor empty_image() const {
    torch::Tensor image = black_image(height(), width());
    auto* pixels = image.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; header_.bits <= 8 && i < height() * width(); ++i)
      std::memcpy(pixels + 3 * i, header_.palette[0].data(), 3);
    return image;
  }

  torch::Tensor decode_rows() {
    const std::size_t bytes_per_row = (static_cast<std::size_t>(width()) * header_.bits + 31) / 32 * 4;
    torch::Tensor image = empty_image();
    const std::size_t whole = (bytes_.size() - header_.pixels) / bytes_per_row;
    // The padding of the last row may be missing.
    const std::size_t used = (static_cast<std::size_t>(width()) * header_.bits + 7) / 8;
    const bool one_more = bytes_.size() - header_.pixels - whole * bytes_per_row >= used;
    const std::int64_t rows = std::min(height(), static_cast<std::int64_t>(whole + (one_more ? 1 : 0)));
    if (rows == 0) fail_pixels("BMP", "it ends before its first row of pixels");
    damaged_ = rows < height();
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes_.data()) + header_.pixels;
    for (std::int64_t y = 0; y < rows; ++y)
      write_row(data + static_cast<std::size_t>(y) * bytes_per_row, out_row(image, y));
    return image;
  }

  /// The position of the next pixel in decode_runs().
  struct Cursor {
    std::int64_t x = 0;
    std::int64_t y = 0;  // in the order of the file
  };

  void put(const torch::Tensor& image, Cursor& cursor, std::size_t index) const {
    if (cursor.x < width() && cursor.y < height())
      std::memcpy(out_row(image, cursor.y) + 3 * cursor.x, header_.palette[index].data(), 3);
    ++cursor.x;
  }

  torch::Tensor decode_runs() {
    const bool nibbles = header_.compression == kRunLength4;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes_.data());
    torch::Tensor image = empty_image();
    Cursor cursor;
    std::size_t at = header_.pixels;
    const auto index = [&](std::size_t place, std::size_t i) -> std::size_t {
      if (!nibbles) return data[place + i];
      return i % 2 == 0 ? data[place + i / 2] >> 4U : data[place + i / 2] & 0xFU;
    };
    damaged_ = true;
    while (at + 2 <= bytes_.size() && cursor.y < height()) {
      const std::size_t count = data[at];
      const std::size_t code = data[at + 1];
      at += 2;
      if (count > 0) {
        for (std::size_t i = 0; i < count; ++i) put(image, cursor, index(at - 1, nibbles ? i % 2 : 0));
      } else if (code == 0) {
        cursor = {0, cursor.y + 1};
      } else if (code == 1) {
        damaged_ = false;  // the end
        return image;
      } else if (code == 2) {
        if (at + 2 > bytes_.size()) break;
        cursor = {cursor.x + data[at], cursor.y + data[at + 1]};
        at += 2;
      } else {
        const std::size_t used = nibbles ? (code + 1) / 2 : code;
        if (at + used > bytes_.size()) break;
        for (std::size_t i = 0; i < code; ++i) put(image, cursor, index(at, i));
        at += used + used % 2;
      }
    }
    if (cursor.x == 0 && cursor.y == 0) fail_pixels("BMP", "it ends before its first pixels");
    damaged_ = cursor.y + (cursor.x >= width() ? 1 : 0) < height();
    return image;
  }

  BmpHeader header_;
};

}  // namespace

std::unique_ptr<Codec> open_bmp(const std::string& bytes, const std::string& name) {
  return std::make_unique<BmpFile>(bytes, name);
}

}  // namespace mkt::image
