#pragma once
// From an image file to the encoder's input. Images are (H, W, 3) uint8 RGB.

#include <torch/types.h>

#include <cstdint>

#include "mkt/core/random.h"
#include "mkt/image/decode.h"
#include "mkt/image/resample.h"

namespace mkt::image {

/// The evaluation transform: the short side resized to int(size / 0.875) pixels (256 for 224), the long side
/// in proportion, truncated; bicubic; then the central (size, size, 3). Throws ValueError if size < 1 or the
/// resized image would exceed kMaxPixels. Source: MKT's test transform (torchvision's Resize and CenterCrop).
torch::Tensor evaluation_transform(const torch::Tensor& image, std::int64_t size);

enum class Decoding {
  kExact,  ///< the same bits as the transform of all pixels
  kFast,   ///< JPEGs are shrunk while they are decoded, as far as the wanted pixels allow
};

/// evaluation_transform of a file: (size, size, 3). Decodes only the pixels that are needed. Throws as
/// ImageFile::read() and evaluation_transform() do.
torch::Tensor evaluation_sample(ImageFile& file, std::int64_t size, Decoding decoding = Decoding::kExact);

/// The training transform of a file: random resized crop, mirrored with probability 0.5, RandAugment: (size,
/// size, 3). A function of the file and of `random` alone. Throws as ImageFile::read() does. Source: MKT's
/// train transform (timm's create_transform, "rand-m9-mstd0.5-inc1").
torch::Tensor training_sample(ImageFile& file, std::int64_t size, KeyedRandom random,
                              Decoding decoding = Decoding::kExact);

/// The box of a random resized crop: area 0.08 … 1 of the image, aspect ratio 3/4 … 4/3, log-uniform. After
/// 10 tries that do not fit: the largest central box whose aspect ratio is within those bounds. Source:
/// torchvision's RandomResizedCrop.
Box draw_crop(std::int64_t height, std::int64_t width, KeyedRandom& random);

/// image (H, W, 3) → planes (3, H, W), in memory that the caller owns. Throws ValueError for another shape or
/// dtype.
void to_planes(const torch::Tensor& image, std::uint8_t* planes);

/// images (B, 3, H, W) uint8, with any strides → the same shape on `device`, contiguous, in `dtype`
/// (floating), with ImageNet's mean subtracted, divided by its standard deviation. The bytes are copied to
/// the device, asynchronously if they are in pinned memory, and converted there in one pass. Throws
/// ValueError for another shape or dtype.
torch::Tensor normalize(const torch::Tensor& images, torch::Device device,
                        torch::Dtype dtype = torch::kFloat32);

}  // namespace mkt::image
