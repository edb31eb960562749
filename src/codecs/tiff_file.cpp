#include "codecs/tiff_file.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace mkt::image {
namespace {

constexpr tmsize_t kMostBytes = tmsize_t{1} << 31;  // of one allocation of libtiff

}  // namespace

// libtiff's callbacks. The last argument of its client calls and the first of its handlers is the Source.
struct TiffReader::Calls {
  static Source& source(thandle_t handle) { return *static_cast<Source*>(handle); }

  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) {
    Source& from = source(handle);
    const std::uint64_t left = from.bytes.size() - std::min<std::uint64_t>(from.position, from.bytes.size());
    const std::uint64_t count = std::min(left, static_cast<std::uint64_t>(std::max<tmsize_t>(size, 0)));
    if (count > 0) std::memcpy(out, from.bytes.data() + from.position, count);
    from.position += count;
    return static_cast<tmsize_t>(count);
  }

  static tmsize_t write(thandle_t /*handle*/, void* /*bytes*/, tmsize_t /*size*/) { return 0; }

  static toff_t seek(thandle_t handle, toff_t offset, int from) {
    Source& file = source(handle);
    const std::uint64_t start = from == SEEK_CUR   ? file.position
                                : from == SEEK_END ? file.bytes.size()
                                                   : std::uint64_t{0};
    file.position = start + offset;
    return file.position;
  }

  static int close(thandle_t /*handle*/) { return 0; }
  static toff_t size(thandle_t handle) { return source(handle).bytes.size(); }

  static int keep_error(TIFF* /*tiff*/, void* handle, const char* /*module*/, const char* format,
                        va_list arguments) {
    std::array<char, 256> text = {};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    source(handle).message = text.data();
    std::replace(source(handle).message.begin(), source(handle).message.end(), '\n', ' ');
    return 1;  // nothing is printed
  }

  static int drop_warning(TIFF* /*tiff*/, void* /*handle*/, const char* /*module*/, const char* /*format*/,
                          va_list /*arguments*/) {
    return 1;
  }
};

TiffReader::TiffReader(const std::string& bytes) : source_(new Source{bytes, 0, "no image"}) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostBytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), Calls::keep_error, source_.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), Calls::drop_warning, source_.get());
  tiff_.reset(TIFFClientOpenExt("image", "rm", source_.get(), Calls::read, Calls::write, Calls::seek,
                                Calls::close, Calls::size, nullptr, nullptr, options.get()));
}

TiffTags TiffReader::tags() const {
  TiffTags tags;
  TIFF* tiff = get();
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &tags.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &tags.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &tags.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &tags.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &tags.planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &tags.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &tags.compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &tags.orientation);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &tags.photometric);
  std::uint16_t extras = 0;
  std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  tags.premultiplied = tags.photometric == PHOTOMETRIC_RGB && tags.samples >= 4 && extras > 0 &&
                       kinds != nullptr && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  if (tags.compression == COMPRESSION_JPEG && tags.photometric == PHOTOMETRIC_YCBCR &&
      tags.planar == PLANARCONFIG_CONTIG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    tags.photometric = PHOTOMETRIC_RGB;
  }
  return tags;
}

}  // namespace mkt::image
