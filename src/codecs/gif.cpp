// The first image of a GIF file. As in Pillow, the canvas is the logical screen, enlarged if the image
// extends beyond it; pixels outside the image have the transparent colour, or colour 0; transparency is
// dropped.

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "codecs/codec.h"

namespace mkt::image {
namespace {

struct GifSource {
  const std::string& bytes;
  std::size_t position = 0;
};

extern "C" {

static int give_gif(GifFileType* gif, GifByteType* out, int size) {
  auto* source = static_cast<GifSource*>(gif->UserData);
  const std::size_t left = source->bytes.size() - source->position;
  const std::size_t count = std::min(left, static_cast<std::size_t>(std::max(size, 0)));
  std::memcpy(out, source->bytes.data() + source->position, count);
  source->position += count;
  return static_cast<int>(count);
}

}  // extern "C"

/// giflib's decoder, positioned after the header of the file's first image.
class GifDecoder {
 public:
  explicit GifDecoder(const std::string& bytes) : source_{bytes} {
    gif_ = DGifOpen(&source_, give_gif, &error_);
    found_ = gif_ != nullptr && find_image();
  }
  ~GifDecoder() {
    if (gif_ != nullptr) DGifCloseFile(gif_, nullptr);
  }
  GifDecoder(const GifDecoder&) = delete;
  GifDecoder& operator=(const GifDecoder&) = delete;

  bool found() const { return found_; }
  std::int64_t height() const { return std::max<std::int64_t>(gif_->SHeight, frame().Top + frame().Height); }
  std::int64_t width() const { return std::max<std::int64_t>(gif_->SWidth, frame().Left + frame().Width); }
  const GifImageDesc& frame() const { return gif_->Image; }
  int transparent() const { return transparent_; }

  std::string message() const {
    const char* text = GifErrorString(gif_ == nullptr ? error_ : gif_->Error);
    return text == nullptr ? "it has no image" : text;
  }

  /// Colours of all 256 indices; those beyond the palette are shades of grey, as in Pillow.
  std::array<std::array<std::uint8_t, 3>, 256> colours() const {
    std::array<std::array<std::uint8_t, 3>, 256> colours = {};
    for (std::size_t i = 0; i < colours.size(); ++i) colours[i].fill(static_cast<std::uint8_t>(i));
    const ColorMapObject* map = frame().ColorMap != nullptr ? frame().ColorMap : gif_->SColorMap;
    if (map == nullptr) return colours;
    for (std::size_t i = 0; i < static_cast<std::size_t>(map->ColorCount) && i < colours.size(); ++i)
      colours[i] = {map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue};
    return colours;
  }

  /// Reads the next row of the image as indices; returns false if the data end or are damaged.
  bool read_row(std::vector<GifPixelType>& row) {
    return DGifGetLine(gif_, row.data(), static_cast<int>(row.size())) == GIF_OK;
  }

 private:
  bool find_image() {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    while (DGifGetRecordType(gif_, &type) == GIF_OK) {
      if (type == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(gif_) == GIF_OK;
      if (type != EXTENSION_RECORD_TYPE || !read_extension()) return false;
    }
    return false;
  }

  bool read_extension() {
    int code = 0;
    GifByteType* block = nullptr;  // its size, then its bytes
    if (DGifGetExtension(gif_, &code, &block) != GIF_OK) return false;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4 && (block[1] & 1) != 0)
      transparent_ = block[4];
    while (block != nullptr) {
      if (DGifGetExtensionNext(gif_, &block) != GIF_OK) return false;
    }
    return true;
  }

  GifSource source_;
  int error_ = 0;
  GifFileType* gif_ = nullptr;
  bool found_ = false;
  int transparent_ = -1;  // index of the transparent colour; -1: none
};

/// Returns the rows of an image with `height` rows in the order in which the file stores them.
std::vector<std::int64_t> stored_rows(std::int64_t height, bool interlaced) {
  struct Pass {
    std::int64_t first, step;
  };
  const std::vector<Pass> passes =
      interlaced ? std::vector<Pass>{{0, 8}, {4, 8}, {2, 4}, {1, 2}} : std::vector<Pass>{{0, 1}};
  std::vector<std::int64_t> rows;
  for (const auto& [first, step] : passes) {
    for (std::int64_t y = first; y < height; y += step) rows.push_back(y);
  }
  return rows;
}

class GifFile : public WholeFile {
 public:
  GifFile(const std::string& bytes, const std::string& name) : WholeFile(bytes, name) {
    const GifDecoder decoder(bytes_);
    if (!decoder.found()) fail_header("GIF", decoder.message());
    if (decoder.frame().Width <= 0 || decoder.frame().Height <= 0) fail_header("GIF", "its image is empty");
    set_size(decoder.height(), decoder.width());
  }

 protected:
  torch::Tensor decode() override {
    GifDecoder decoder(bytes_);
    const auto colours = decoder.colours();
    torch::Tensor image = torch::empty({height(), width(), 3}, torch::kUInt8);  // (H, W, 3)
    auto* pixels = image.data_ptr<std::uint8_t>();
    const auto& around = colours[static_cast<std::size_t>(std::max(decoder.transparent(), 0))];
    for (std::int64_t i = 0; i < height() * width(); ++i) std::memcpy(pixels + 3 * i, around.data(), 3);
    const GifImageDesc& frame = decoder.frame();
    std::vector<GifPixelType> row(static_cast<std::size_t>(frame.Width));
    std::int64_t done = 0;
    for (const std::int64_t y : stored_rows(frame.Height, frame.Interlace)) {
      if (!decoder.read_row(row)) break;
      std::uint8_t* out = pixels + 3 * ((frame.Top + y) * width() + frame.Left);
      for (const GifPixelType index : row) {
        std::memcpy(out, colours[index].data(), 3);
        out += 3;
      }
      ++done;
    }
    if (done == 0) fail_pixels("GIF", decoder.message());
    damaged_ = done < frame.Height;
    return image;
  }
};

}  // namespace

std::unique_ptr<Codec> open_gif(const std::string& bytes, const std::string& name) {
  return std::make_unique<GifFile>(bytes, name);
}

}  // namespace mkt::image
