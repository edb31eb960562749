#pragma once
// Transforms from an image file to the encoder's input. Images are (H, W, 3) uint8 RGB.

#include <torch/types.h>

#include <cstdint>

#include "mkt/codecs/decode.h"
#include "mkt/core/random.h"
#include "mkt/image/preprocessing.h"
#include "mkt/image/resample.h"

namespace mkt::image {

/// The evaluation transform: (size, size, 3). Every resize is bicubic (Pillow's). kShort: the short side
/// becomes int(size / crop_share) pixels and the long side follows in proportion (truncated), then the centre
/// is cropped. kSquash: the whole image becomes the square. kPad: the long side becomes `size` pixels, the
/// short side follows (rounded), and the image is centred on the mean colour. Throws ValueError if size < 1,
/// if a value of `preprocessing` is out of range, or if the resized image would exceed kMaxPixels. Source:
/// torchvision's Resize and CenterCrop; kPad: open_clip's "longest", with another colour.
torch::Tensor evaluation_transform(const torch::Tensor& image, std::int64_t size,
                                   const Preprocessing& preprocessing);

enum class Decoding {
  /// bit-identical to transforming the fully decoded image, except for JPEGs with more than kMaxPixels: those
  /// are decoded at the largest scale (1/2, 1/4 or 1/8) with fewer pixels
  kExact,
  kFast,  ///< JPEGs are decoded at reduced size where the output needs fewer pixels
};

/// Applies evaluation_transform() to a file: (size, size, 3). Decodes only the needed pixels. Throws as
/// ImageFile::read() and evaluation_transform() do.
torch::Tensor evaluation_sample(ImageFile& file, std::int64_t size, const Preprocessing& preprocessing,
                                Decoding decoding = Decoding::kExact);

/// Applies the training transform to a file: random resized crop, horizontal flip with probability 0.5,
/// RandAugment; (size, size, 3). The result depends only on the file, the mean colour and `random`; resize
/// mode and crop share do not apply to random crops. Throws as ImageFile::read() does. Source: MKT's train
/// transform (timm's create_transform, "rand-m9-mstd0.5-inc1").
torch::Tensor training_sample(ImageFile& file, std::int64_t size, const Preprocessing& preprocessing,
                              KeyedRandom random, Decoding decoding = Decoding::kExact);

/// Draws the box of a random resized crop: 0.08 … 1 times the image's area, aspect ratio log-uniform in 3/4 …
/// 4/3. If 10 tries do not fit into the image: the largest central box with an aspect ratio within these
/// bounds. Source: torchvision's RandomResizedCrop.
Box draw_crop(std::int64_t height, std::int64_t width, KeyedRandom& random);

/// Converts image (H, W, 3) to planes (3, H, W), in memory that the caller owns. Throws ValueError for
/// another shape or dtype.
void to_planes(const torch::Tensor& image, std::uint8_t* planes);

/// Normalises images (B, 3, H, W) uint8, with any strides: subtracts the preprocessing's mean and divides by
/// its deviation. The result has the same shape and is contiguous, on `device`, in `dtype` (floating). The
/// bytes are copied to the device, asynchronously if they are in pinned memory, and converted there in one
/// pass. Throws ValueError for another shape or dtype.
torch::Tensor normalize(const torch::Tensor& images, const Preprocessing& preprocessing, torch::Device device,
                        torch::Dtype dtype = torch::kFloat32);

}  // namespace mkt::image
