// The first image of a TIFF file, strip by strip or tile by tile. Pixels equal Pillow's except for 16-bit
// grey images: Pillow's convert("RGB") makes every value over 255 white; here they become their high byte.

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "codecs/codec.h"
#include "codecs/tiff_file.h"

namespace mkt::image {
namespace {

constexpr std::uint16_t kMostSamples = 8;

using Bytes = std::vector<std::uint8_t>;

/// Extracts `count` samples from `row`, each the 8 high bits of its value (the value itself if it has fewer),
/// to every `step`-th byte of `out`.
void unpack(const std::uint8_t* row, std::size_t count, std::size_t bits, std::uint8_t* out,
            std::size_t step) {
  for (std::size_t i = 0; i < count; ++i) {
    if (bits == 16) {
      std::uint16_t value = 0;  // in the processor's byte order
      std::memcpy(&value, row + 2 * i, 2);
      out[i * step] = static_cast<std::uint8_t>(value >> 8U);
    } else if (bits == 8) {
      out[i * step] = row[i];
    } else {
      const std::size_t shift = 8 - bits - i * bits % 8;
      out[i * step] = static_cast<std::uint8_t>(row[i * bits / 8] >> shift & ((1U << bits) - 1U));
    }
  }
}

/// (a · b) / 255, rounded as Pillow does.
std::uint8_t product(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t sum = a * b + 128;
  return static_cast<std::uint8_t>(((sum >> 8U) + sum) >> 8U);
}

class TiffFile : public WholeFile {
 public:
  TiffFile(const std::string& bytes, const std::string& name) : WholeFile(bytes, name) {
    const TiffReader reader(bytes_);
    if (reader.get() == nullptr) fail_header("TIFF", reader.message());
    tags_ = reader.tags();
    set_size(tags_.height, tags_.width);
    check_kind();
    if (tags_.photometric == PHOTOMETRIC_PALETTE) read_palette(reader.get());
  }

  int orientation() const override { return tags_.orientation <= 8 ? tags_.orientation : 1; }
  bool is_always_upright() const override { return true; }

 protected:
  torch::Tensor decode() override {
    TiffReader reader(bytes_);
    if (reader.get() == nullptr) fail_header("TIFF", reader.message());
    reader.tags();  // sets how JPEG data are decoded
    torch::Tensor image = black_image(height(), width());
    if (needs_conversion()) {
      convert(reader, image);
    } else {
      read_blocks(reader, image);
    }
    return image;
  }

 private:
  /// Whether libtiff converts the pixels: YCbCr, outside JPEG data.
  bool needs_conversion() const { return tags_.photometric == PHOTOMETRIC_YCBCR || is_old_jpeg(); }
  bool is_old_jpeg() const { return tags_.compression == COMPRESSION_OJPEG; }

  /// The number of samples that make a colour.
  std::uint16_t channels() const {
    if (tags_.photometric == PHOTOMETRIC_RGB) return tags_.premultiplied ? 4 : 3;
    return tags_.photometric == PHOTOMETRIC_SEPARATED ? 4 : 1;
  }

  void check_kind() const {
    const std::uint16_t colour = tags_.photometric;
    const bool known = colour == PHOTOMETRIC_MINISWHITE || colour == PHOTOMETRIC_MINISBLACK ||
                       colour == PHOTOMETRIC_RGB || colour == PHOTOMETRIC_PALETTE ||
                       colour == PHOTOMETRIC_SEPARATED || needs_conversion();
    const std::uint16_t bits = tags_.bits;
    const bool deep = bits == 16 && colour != PHOTOMETRIC_PALETTE && !needs_conversion();
    const bool shallow = (bits == 1 || bits == 2 || bits == 4) && channels() == 1 && tags_.samples == 1;
    TORCH_CHECK(known && (deep || shallow || bits == 8) && tags_.format == SAMPLEFORMAT_UINT, name_,
                ": expected a TIFF image in grey, RGB, palette, CMYK or YCbCr with 1 to 16 unsigned bits per "
                "sample, got colours of kind ",
                colour, " with ", bits, tags_.format == SAMPLEFORMAT_IEEEFP ? " floating-point" : "",
                tags_.format == SAMPLEFORMAT_INT ? " signed" : "", " bits. Convert the file.");
    TORCH_CHECK(tags_.samples <= kMostSamples && (needs_conversion() || tags_.samples >= channels()), name_,
                ": expected a TIFF image with ", channels(), " to ", kMostSamples, " samples per pixel, got ",
                tags_.samples, ". Convert the file.");
    TORCH_CHECK(TIFFIsCODECConfigured(tags_.compression) != 0, name_,
                ": expected a TIFF compression that libtiff supports, got number ", tags_.compression,
                ". Convert the file.");
  }

  void read_palette(TIFF* tiff) {
    std::array<std::uint16_t*, 3> channels = {};
    if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &channels[0], &channels[1], &channels[2]) == 0)
      fail_header("TIFF", "no palette");
    const std::size_t colours = std::size_t{1} << tags_.bits;
    bool deep = false;  // some writers store 8-bit colours
    for (const std::uint16_t* channel : channels)
      deep = deep || std::any_of(channel, channel + colours, [](std::uint16_t value) { return value > 255; });
    for (std::size_t i = 0; i < colours; ++i) {
      for (std::size_t c = 0; c < 3; ++c)
        palette_[i][c] = static_cast<std::uint8_t>(deep ? channels[c][i] >> 8U : channels[c][i]);
    }
  }

  /// Converts a row of pixels, whose samples are `step` bytes apart from pixel to pixel, to RGB.
  void to_rgb(const std::uint8_t* samples, std::size_t count, std::size_t step, std::uint8_t* out) const {
    const auto scale = tags_.bits < 8 ? 255U / ((1U << tags_.bits) - 1U) : 1U;
    for (std::size_t i = 0; i < count; ++i, samples += step, out += 3) {
      switch (tags_.photometric) {
        case PHOTOMETRIC_PALETTE:
          std::memcpy(out, palette_[samples[0]].data(), 3);
          break;
        case PHOTOMETRIC_RGB:
          for (std::size_t c = 0; c < 3; ++c)
            out[c] = tags_.premultiplied ? divided(samples[c], samples[3]) : samples[c];
          break;
        case PHOTOMETRIC_SEPARATED:
          for (std::size_t c = 0; c < 3; ++c) {
            const std::uint32_t light = 255U - samples[3];
            out[c] =
                static_cast<std::uint8_t>(light - std::min<std::uint32_t>(light, product(samples[c], light)));
          }
          break;
        default: {
          const std::uint32_t grey = samples[0] * scale;
          std::memset(out, static_cast<int>(tags_.photometric == PHOTOMETRIC_MINISWHITE ? 255U - grey : grey),
                      3);
        }
      }
    }
  }

  static std::uint8_t divided(std::uint32_t value, std::uint32_t alpha) {
    if (alpha == 0) return 0;
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(255U * value / alpha, 255U));
  }

  /// A strip or tile: its place, the bytes per row, and the decoded data, one buffer per plane.
  struct Block {
    std::int64_t top, left, rows, columns;
    std::size_t bytes_per_row;
    std::vector<Bytes> planes;
  };

  void write_block(const Block& block, const torch::Tensor& image) const {
    const std::int64_t columns = std::min(block.columns, width() - block.left);
    const std::int64_t rows = std::min(block.rows, height() - block.top);
    const bool apart = tags_.planar == PLANARCONFIG_SEPARATE;  // a row then holds one sample per column
    const std::size_t step = apart ? block.planes.size() : tags_.samples;
    Bytes samples(static_cast<std::size_t>(columns) * step);
    auto* pixels = image.data_ptr<std::uint8_t>();
    for (std::int64_t y = 0; y < rows; ++y) {
      for (std::size_t plane = 0; plane < block.planes.size(); ++plane) {
        const std::uint8_t* row =
            block.planes[plane].data() + static_cast<std::size_t>(y) * block.bytes_per_row;
        const std::size_t count = static_cast<std::size_t>(columns) * (apart ? 1 : step);
        unpack(row, count, tags_.bits, samples.data() + plane, apart ? step : 1);
      }
      to_rgb(samples.data(), static_cast<std::size_t>(columns), step,
             pixels + 3 * ((block.top + y) * width() + block.left));
    }
  }

  /// Reads and converts all strips or tiles; those that cannot be read stay black.
  void read_blocks(TiffReader& reader, const torch::Tensor& image) {
    TIFF* tiff = reader.get();
    const bool tiled = TIFFIsTiled(tiff) != 0;
    std::uint32_t columns = tags_.width;
    std::uint32_t rows = tags_.height;
    if (tiled) {
      TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &columns);
      TIFFGetField(tiff, TIFFTAG_TILELENGTH, &rows);
      check_pixels(name_, rows, columns);
    } else {
      TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
      rows = std::min(rows, tags_.height);
    }
    if (rows == 0) fail_header("TIFF", "strips without rows");
    const std::uint16_t planes = tags_.planar == PLANARCONFIG_SEPARATE ? channels() : 1;
    const auto bytes_per_row =
        static_cast<std::size_t>(tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff));
    check_row(bytes_per_row, columns, planes);
    check_block(bytes_per_row, rows, planes);
    Block block{0, 0, rows, columns, bytes_per_row, std::vector<Bytes>(planes, Bytes(bytes_per_row * rows))};
    bool any = false;
    damaged_ = false;
    for (std::int64_t top = 0; top < height(); top += rows) {
      for (std::int64_t left = 0; left < width(); left += columns) {
        block.top = top;
        block.left = left;
        const bool read = read_block(tiff, tiled, block);
        if (read) write_block(block, image);
        any = any || read;
        damaged_ = damaged_ || !read;
      }
    }
    if (!any) fail_pixels("TIFF", reader.message());
  }

  /// Makes sure that a row of a block holds the samples that write_block() reads.
  void check_row(std::size_t bytes_per_row, std::uint32_t columns, std::uint16_t planes) const {
    const std::size_t samples =
        std::size_t{columns} * (planes > 1 || tags_.planar == PLANARCONFIG_SEPARATE ? 1 : tags_.samples);
    if (bytes_per_row < (samples * tags_.bits + 7) / 8) fail_header("TIFF", "its rows are too short");
  }

  /// Limits the memory of a strip or tile, which a small file can declare to be huge: to that of the largest
  /// image in 16-bit RGB.
  void check_block(std::size_t bytes_per_row, std::uint32_t rows, std::uint16_t planes) const {
    constexpr std::size_t kMostBytes = std::size_t{6} * kMaxPixels;
    if (bytes_per_row > kMostBytes / rows / planes)
      fail_header("TIFF", "strips or tiles of more than 768 MiB");
  }

  static bool read_block(TIFF* tiff, bool tiled, Block& block) {
    for (std::size_t plane = 0; plane < block.planes.size(); ++plane) {
      Bytes& data = block.planes[plane];
      const auto x = static_cast<std::uint32_t>(block.left);
      const auto y = static_cast<std::uint32_t>(block.top);
      const auto number = static_cast<std::uint16_t>(plane);
      const auto size = static_cast<tmsize_t>(data.size());
      const tmsize_t got =
          tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, number), data.data(), size)
                : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, number), data.data(), size);
      if (got < 0) return false;
    }
    return true;
  }

  /// Lets libtiff convert the whole image.
  void convert(TiffReader& reader, const torch::Tensor& image) {
    TIFFRGBAImage conversion;
    std::array<char, 1024> message = {};
    if (TIFFRGBAImageOK(reader.get(), message.data()) == 0 ||
        TIFFRGBAImageBegin(&conversion, reader.get(), 1, message.data()) == 0)
      fail_pixels("TIFF", message.data());
    conversion.orientation = conversion.req_orientation = ORIENTATION_TOPLEFT;  // turned by ImageFile
    std::vector<std::uint32_t> raster(static_cast<std::size_t>(height() * width()));
    const bool done = TIFFRGBAImageGet(&conversion, raster.data(), tags_.width, tags_.height) != 0;
    TIFFRGBAImageEnd(&conversion);
    if (!done) fail_pixels("TIFF", reader.message());
    auto* out = image.data_ptr<std::uint8_t>();
    for (const std::uint32_t pixel : raster) {
      *out++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
      *out++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
      *out++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
    }
  }

  TiffTags tags_;
  std::array<std::array<std::uint8_t, 3>, 256> palette_ = {};
};

}  // namespace

std::unique_ptr<Codec> open_tiff(const std::string& bytes, const std::string& name) {
  return std::make_unique<TiffFile>(bytes, name);
}

}  // namespace mkt::image
