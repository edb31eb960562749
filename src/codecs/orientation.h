#pragma once
// EXIF orientation: finding it in files, and turning images upright.

#include <torch/types.h>

#include <string_view>

#include "mkt/codecs/box.h"

namespace mkt::image {

/// Returns the orientation (1 to 8) in an EXIF block, with or without its prefix "Exif\0\0"; 0 if it holds
/// none or is malformed.
int exif_orientation(std::string_view exif);

/// Returns the orientation (1 to 8) in an XMP packet; 0 if it holds none.
int xmp_orientation(std::string_view xmp);

/// Returns a file's orientation: EXIF's, or else XMP's (1 to 8); 1 if it holds none.
int jpeg_orientation(std::string_view bytes);
int png_orientation(std::string_view bytes);

/// Whether turning an image of this orientation upright swaps its height and width.
constexpr bool swaps_axes(int orientation) {
  return orientation >= 5 && orientation <= 8;
}

/// Converts a box in the upright image to the box with the same pixels in the stored image, which has
/// height × width pixels.
Box stored_box(const Box& upright, int orientation, std::int64_t height, std::int64_t width);

/// Turns (H, W, 3) uint8 pixels, interleaved in each row, upright. Starts no threads.
torch::Tensor turn_upright(const torch::Tensor& stored, int orientation);

}  // namespace mkt::image
