#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>

#include "codecs/codec.h"
#include "codecs/orientation.h"

namespace mkt::image {
namespace {

using AnimationDecoder = std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)>;
using Demuxer = std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)>;

const std::uint8_t* data_of(const std::string& bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

class WebpFile : public WholeFile {
 public:
  WebpFile(const std::string& bytes, const std::string& name) : WholeFile(bytes, name) {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(data_of(bytes_), bytes_.size(), &features) != VP8_STATUS_OK)
      fail_header("WebP", "no image size");
    set_size(features.height, features.width);
    animated_ = features.has_animation != 0;
  }

  int orientation() const override {
    const WebPData data{data_of(bytes_), bytes_.size()};
    const Demuxer demuxer(WebPDemux(&data), WebPDemuxDelete);
    const int exif = exif_orientation(chunk(demuxer.get(), "EXIF"));
    if (exif > 0) return exif;
    const int xmp = xmp_orientation(chunk(demuxer.get(), "XMP "));
    return xmp > 0 ? xmp : 1;
  }

 protected:
  torch::Tensor decode() override {
    if (animated_) return first_frame();
    torch::Tensor image = torch::empty({height(), width(), 3}, torch::kUInt8);  // (H, W, 3)
    const std::uint8_t* done =
        WebPDecodeRGBInto(data_of(bytes_), bytes_.size(), image.data_ptr<std::uint8_t>(), image.nbytes(),
                          static_cast<int>(3 * width()));
    if (done == nullptr) fail_pixels("WebP", "its data are truncated or damaged");
    return image;
  }

 private:
  static std::string chunk(const WebPDemuxer* demuxer, const char* name) {
    WebPChunkIterator found;
    if (demuxer == nullptr || WebPDemuxGetChunk(demuxer, name, 1, &found) == 0) return "";
    std::string content(reinterpret_cast<const char*>(found.chunk.bytes), found.chunk.size);
    WebPDemuxReleaseChunkIterator(&found);
    return content;
  }

  torch::Tensor first_frame() {
    const WebPData data{data_of(bytes_), bytes_.size()};
    WebPAnimDecoderOptions options;
    std::uint8_t* canvas = nullptr;
    int time = 0;
    if (WebPAnimDecoderOptionsInit(&options) == 0) fail_pixels("WebP", "another version of libwebp");
    options.color_mode = MODE_RGBA;
    const AnimationDecoder decoder(WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
    if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &canvas, &time) == 0)
      fail_pixels("WebP", "its first frame is truncated or damaged");
    torch::Tensor image = torch::empty({height(), width(), 3}, torch::kUInt8);  // (H, W, 3)
    auto* pixels = image.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < height() * width(); ++i) std::memcpy(pixels + 3 * i, canvas + 4 * i, 3);
    return image;
  }

  bool animated_ = false;
};

}  // namespace

std::unique_ptr<Codec> open_webp(const std::string& bytes, const std::string& name) {
  return std::make_unique<WebpFile>(bytes, name);
}

}  // namespace mkt::image
