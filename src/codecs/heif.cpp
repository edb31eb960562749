// HEIC and AVIF by libheif. The boxes for rotation, mirroring and cropping are applied to HEIC, as in
// pillow-heif, and to AVIF on demand: Pillow leaves them to ImageOps.exif_transpose(). EXIF's orientation is
// ignored, as the format demands.

#include <libheif/heif.h>

#include <array>
#include <cstring>
#include <string_view>

#include "codecs/codec.h"

namespace mkt::image {
namespace {

using Context = std::unique_ptr<heif_context, decltype(&heif_context_free)>;
using Handle = std::unique_ptr<heif_image_handle, decltype(&heif_image_handle_release)>;
using Options = std::unique_ptr<heif_decoding_options, decltype(&heif_decoding_options_free)>;
using Picture = std::unique_ptr<heif_image, decltype(&heif_image_release)>;

/// Whether one of the file's brands is in `wanted`.
template <std::size_t N>
bool has_brand(std::string_view bytes, const std::array<std::string_view, N>& wanted) {
  if (bytes.size() < 16 || bytes.substr(4, 4) != "ftyp") return false;
  std::size_t length = 0;
  for (const char byte : bytes.substr(0, 4)) length = length << 8U | static_cast<unsigned char>(byte);
  const std::string_view box = bytes.substr(0, length);
  for (std::size_t at = 8; at + 4 <= box.size(); at += at == 8 ? 8 : 4) {  // major brand, version, others
    for (const std::string_view brand : wanted) {
      if (box.substr(at, 4) == brand) return true;
    }
  }
  return false;
}

constexpr std::array<std::string_view, 2> kAvifBrands = {"avif", "avis"};
constexpr std::array<std::string_view, 7> kHeicBrands = {"heic", "heix", "heim", "heis",
                                                         "mif1", "mif2", "msf1"};

class HeifFile : public WholeFile {
 public:
  HeifFile(const std::string& bytes, const std::string& name, ExifRotation rotation)
      : WholeFile(bytes, name),
        context_(heif_context_alloc(), heif_context_free),
        handle_(nullptr, heif_image_handle_release),
        avif_(has_brand(bytes_, kAvifBrands)),
        upright_(!avif_ || rotation == ExifRotation::kApply) {
    static const bool ready = heif_init(nullptr).code == heif_error_Ok;
    if (!ready || !context_) fail_header(format(), "libheif could not be started");
    heif_context_set_max_decoding_threads(context_.get(), 0);
    require(
        heif_context_read_from_memory_without_copy(context_.get(), bytes_.data(), bytes_.size(), nullptr));
    heif_image_handle* handle = nullptr;
    require(heif_context_get_primary_image_handle(context_.get(), &handle));
    handle_.reset(handle);
    const int coded_height = heif_image_handle_get_ispe_height(handle);  // before the boxes are applied
    const int coded_width = heif_image_handle_get_ispe_width(handle);
    if (coded_height > 0 && coded_width > 0) check_pixels(name_, coded_height, coded_width);
    if (upright_) {
      set_size(heif_image_handle_get_height(handle), heif_image_handle_get_width(handle));
    } else {
      set_size(coded_height, coded_width);
    }
  }

 protected:
  torch::Tensor decode() override {
    const Options options(heif_decoding_options_alloc(), heif_decoding_options_free);
    options->ignore_transformations = upright_ ? 0 : 1;
    options->convert_hdr_to_8bit = 1;
    heif_image* decoded = nullptr;
    const heif_error error = heif_decode_image(handle_.get(), &decoded, heif_colorspace_RGB,
                                               heif_chroma_interleaved_RGB, options.get());
    const Picture picture(decoded, heif_image_release);
    const bool has_decoder =
        error.subcode != heif_suberror_Unsupported_codec && error.code != heif_error_Plugin_loading_error;
    TORCH_CHECK(has_decoder, name_, ": expected a decoder of ", format(), " images in libheif, got none (",
                error.message, "). Install ", avif_ ? "libheif-plugin-dav1d." : "libheif-plugin-libde265.");
    if (error.code != heif_error_Ok) fail_pixels(format(), error.message);
    int stride = 0;
    const std::uint8_t* plane = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    if (plane == nullptr || heif_image_get_height(decoded, heif_channel_interleaved) != height() ||
        heif_image_get_width(decoded, heif_channel_interleaved) != width())
      fail_pixels(format(), "its pixels have another size than its header says");
    torch::Tensor image = torch::empty({height(), width(), 3}, torch::kUInt8);  // (H, W, 3)
    auto* pixels = image.data_ptr<std::uint8_t>();
    for (std::int64_t y = 0; y < height(); ++y)
      std::memcpy(pixels + 3 * width() * y, plane + stride * y, static_cast<std::size_t>(3 * width()));
    return image;
  }

 private:
  const char* format() const { return avif_ ? "AVIF" : "HEIC"; }

  void require(const heif_error& error) const {
    if (error.code != heif_error_Ok) fail_header(format(), error.message);
  }

  Context context_;
  Handle handle_;
  bool avif_;
  bool upright_;  // whether rotation, mirroring and cropping are applied
};

}  // namespace

bool is_heif(std::string_view bytes) {
  return has_brand(bytes, kAvifBrands) || has_brand(bytes, kHeicBrands);
}

std::unique_ptr<Codec> open_heif(const std::string& bytes, const std::string& name, ExifRotation rotation) {
  return std::make_unique<HeifFile>(bytes, name, rotation);
}

}  // namespace mkt::image
