#pragma once
// An open TIFF file in memory: libtiff with its limits and its messages under control.

#include <tiffio.h>

#include <cstdint>
#include <memory>
#include <string>

namespace mkt::image {

/// The tags of a TIFF file's first image that matter for its pixels.
struct TiffTags {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t bits = 1;     ///< per sample
  std::uint16_t samples = 1;  ///< per pixel
  std::uint16_t photometric = PHOTOMETRIC_MINISWHITE;
  std::uint16_t planar = PLANARCONFIG_CONTIG;
  std::uint16_t format = SAMPLEFORMAT_UINT;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  bool premultiplied = false;  ///< whether the fourth sample is an alpha by which the colours are multiplied
};

/// Reads a TIFF file from memory, which must outlive the reader.
class TiffReader {
 public:
  explicit TiffReader(const std::string& bytes);
  TiffReader(const TiffReader&) = delete;
  TiffReader& operator=(const TiffReader&) = delete;

  /// libtiff's handle; null if the file cannot be opened.
  TIFF* get() const { return tiff_.get(); }
  /// Reads the tags of the first image; JPEG data in YCbCr are set to be decoded to RGB.
  TiffTags tags() const;
  /// libtiff's latest error message.
  const std::string& message() const { return source_->message; }

 private:
  struct Source {
    const std::string& bytes;
    std::uint64_t position = 0;
    std::string message;
  };
  struct Calls;
  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };
  std::unique_ptr<Source> source_;
  std::unique_ptr<TIFF, Close> tiff_;
};

}  // namespace mkt::image
