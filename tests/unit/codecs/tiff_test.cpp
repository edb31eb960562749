// TIFF layouts that Pillow cannot write.

#include <tiffio.h>

#include <vector>

#include "mkt/codecs/decode.h"
#include "support/command.h"
#include "support/images.h"

namespace mkt::image {
namespace {

constexpr std::uint32_t kWidth = 37;
constexpr std::uint32_t kHeight = 5;

std::uint8_t grey_at(std::uint32_t x, std::uint32_t y) {
  return static_cast<std::uint8_t>(7 * x + 31 * y);
}

/// Writes grey with `samples` - 1 further samples per pixel, in separate planes; returns the path.
std::string planar_grey(std::uint16_t samples, std::uint16_t bits) {
  std::string path = test::scratch_folder("tiff") + "/planar.tif";
  TIFF* file = TIFFOpen(path.c_str(), "w");
  TIFFSetField(file, TIFFTAG_IMAGEWIDTH, kWidth);
  TIFFSetField(file, TIFFTAG_IMAGELENGTH, kHeight);
  TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, bits);
  TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, samples);
  TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_SEPARATE);
  TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, 2);
  const std::vector<std::uint16_t> extra(samples - 1U, EXTRASAMPLE_UNSPECIFIED);
  TIFFSetField(file, TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
  std::vector<std::uint8_t> row(std::size_t{kWidth} * bits / 8);
  for (std::uint16_t sample = 0; sample < samples; ++sample) {
    for (std::uint32_t y = 0; y < kHeight; ++y) {
      for (std::uint32_t x = 0; x < kWidth; ++x) {
        const std::uint8_t value = sample == 0 ? grey_at(x, y) : 255;
        for (std::size_t byte = 0; byte < bits / 8U; ++byte) row[x * (bits / 8U) + byte] = value;
      }
      TIFFWriteScanline(file, row.data(), y, sample);
    }
  }
  TIFFClose(file);
  return path;
}

TEST(Tiff, ReadsTheFirstOfSeparatePlanes) {
  for (const std::uint16_t samples : {2, 3, 8}) {
    for (const std::uint16_t bits : {8, 16}) {
      const torch::Tensor image = decode_file(planar_grey(samples, bits));
      ASSERT_EQ(image.sizes(), (std::vector<std::int64_t>{kHeight, kWidth, 3}));
      for (std::uint32_t y = 0; y < kHeight; ++y) {
        for (std::uint32_t x = 0; x < kWidth; ++x) {
          for (int channel = 0; channel < 3; ++channel)
            ASSERT_EQ(image[y][x][channel].item<int>(), grey_at(x, y)) << samples << " " << bits;
        }
      }
    }
  }
}

}  // namespace
}  // namespace mkt::image
