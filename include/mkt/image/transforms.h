#pragma once
// From a decoded image to what the encoder sees. Images are (H, W, 3) uint8.

#include <torch/types.h>

#include <cstdint>

#include "mkt/core/random.h"
#include "mkt/image/decode.h"
#include "mkt/image/resample.h"

namespace mkt::image {

/// Short side to int(size / 0.875) (256 for 224), long side in proportion, truncated; bicubic; the central
/// (size, size, 3).
torch::Tensor evaluation_transform(const torch::Tensor& image, std::int64_t size);

/// Random resized crop, flip with probability 0.5, RandAugment: (size, size, 3).
torch::Tensor training_transform(const torch::Tensor& image, std::int64_t size, KeyedRandom random);

enum class Decoding {
  kExact,  ///< bit for bit what the transform of all pixels gives
  kFast,   ///< JPEGs shrunk while they are decoded, as far as the pixels wanted allow
};

/// The same of a file, of which only the pixels needed are decoded. Throw as ImageFile::read().
torch::Tensor evaluation_sample(ImageFile& file, std::int64_t size, Decoding decoding = Decoding::kExact);
torch::Tensor training_sample(ImageFile& file, std::int64_t size, KeyedRandom random,
                              Decoding decoding = Decoding::kExact);

/// The part that a random resized crop takes: area 0.08 … 1 of the image, aspect 3/4 … 4/3 log-uniform, 10
/// tries, else the largest central part of an aspect within those bounds. Source: torchvision's
/// RandomResizedCrop.
Box draw_crop(std::int64_t height, std::int64_t width, KeyedRandom& random);

/// image (H, W, 3) → planes (3, H, W), of which the caller has the memory.
void to_planes(const torch::Tensor& image, std::uint8_t* planes);

/// images (B, 3, H, W) uint8, in any memory → the same shape on `device`, contiguous, of `dtype` (floating),
/// with ImageNet's mean and deviation taken out. Moved as bytes, without waiting where the memory is pinned,
/// then one pass.
torch::Tensor normalize(const torch::Tensor& images, torch::Device device,
                        torch::Dtype dtype = torch::kFloat32);

}  // namespace mkt::image
