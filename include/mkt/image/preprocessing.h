#pragma once
// Resizing, cropping and normalisation of images for an encoder.

#include <array>
#include <cstdint>
#include <string>

#include "mkt/core/enum_names.h"

namespace mkt::image {

/// Methods of fitting an image into the encoder's square input. Training crops at random instead.
enum class ResizeMode {
  kShort,   ///< resizes the short side and crops the centre
  kSquash,  ///< resizes the whole image to the square; the aspect ratio changes
  kPad,     ///< resizes the long side and pads with the mean colour
};

/// Preprocessing of images. The defaults are MKT's for inputs of up to 224 pixels per side.
struct Preprocessing {
  std::array<double, 3> mean = {0.485, 0.456, 0.406};       ///< subtracted per channel, of values in 0 … 1
  std::array<double, 3> deviation = {0.229, 0.224, 0.225};  ///< divides per channel
  ResizeMode resize = ResizeMode::kShort;
  double crop_share = 0.875;  ///< size of the crop over the resized short side; 1 unless `resize` is kShort

  bool operator==(const Preprocessing& other) const;
  bool operator!=(const Preprocessing& other) const { return !(*this == other); }
};

/// MKT's preprocessing for inputs of `size` pixels per side: ImageNet's mean and standard deviation, short
/// side; the crop is 0.875 of it up to 224 pixels, and all of it above. Source: MKT's build_transform.
Preprocessing mkt_preprocessing(std::int64_t size);

/// OpenAI's preprocessing for CLIP, also open_clip's default: the crop is the short side.
Preprocessing clip_preprocessing();

/// Throws ValueError naming mean, std or crop-share if a value is out of range: means in 0 … 1, deviations
/// above 0, crop share above 0 and at most 1; a crop share other than 1 needs ResizeMode::kShort.
void check_preprocessing(const Preprocessing& preprocessing);

/// Returns the colour with the mean's values, rounded to bytes: what normalises to about 0.
std::array<std::uint8_t, 3> mean_colour(const Preprocessing& preprocessing);

/// Formats all values in one line, for logs and messages.
std::string describe(const Preprocessing& preprocessing);

}  // namespace mkt::image

template <>
struct mkt::Names<mkt::image::ResizeMode> {
  static constexpr NameTable<image::ResizeMode, 3> kTable{{{image::ResizeMode::kShort, "short"},
                                                           {image::ResizeMode::kSquash, "squash"},
                                                           {image::ResizeMode::kPad, "pad"}}};
};
