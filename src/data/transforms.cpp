#include "mkt/data/transforms.h"

#include <ATen/ops/add.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "mkt/data/augment.h"
#include "pixels.h"

namespace mkt::data {
namespace {

constexpr std::array<double, 3> kMean = {0.485, 0.456, 0.406};
constexpr std::array<double, 3> kDeviation = {0.229, 0.224, 0.225};
constexpr double kMinArea = 0.08;
constexpr double kMinAspect = 3.0 / 4.0;
constexpr double kMaxAspect = 4.0 / 3.0;
constexpr int kCropTries = 10;
constexpr std::int64_t kThin =
    16;  // sides of this ratio and more: enlarged whole, they would fill the memory

// To the nearest integer, halves to even: Python's round().
std::int64_t round_to_even(double value) {
  return static_cast<std::int64_t>(std::nearbyint(value));
}

std::int64_t draw_offset(std::int64_t room, KeyedRandom& random) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(room) + 1));
}

Box central_crop(std::int64_t height, std::int64_t width) {
  const double aspect = static_cast<double>(width) / static_cast<double>(height);
  Box box{0, 0, width, height};
  if (aspect < kMinAspect) box.height = round_to_even(static_cast<double>(width) / kMinAspect);
  if (aspect > kMaxAspect) box.width = round_to_even(static_cast<double>(height) * kMaxAspect);
  box.left = (width - box.width) / 2;
  box.top = (height - box.height) / 2;
  return box;
}

}  // namespace

torch::Tensor evaluation_transform(const torch::Tensor& image, std::int64_t size) {
  check_image(image);
  TORCH_CHECK_VALUE(size > 0, "size: expected a positive number, got ", size, ".");
  const std::int64_t short_side = size * 8 / 7;
  const std::int64_t height = image.size(0);
  const std::int64_t width = image.size(1);
  const std::int64_t new_height = height <= width ? short_side : short_side * height / width;
  const std::int64_t new_width = height <= width ? short_side * width / height : short_side;
  const std::int64_t top = round_to_even(static_cast<double>(new_height - size) / 2);
  const std::int64_t left = round_to_even(static_cast<double>(new_width - size) / 2);
  const Box box{left, top, size, size};
  if (std::max(new_height, new_width) > kThin * short_side)
    return resize_part(image, new_height, new_width, box);
  return crop(resize(image, new_height, new_width), box);
}

Box draw_crop(std::int64_t height, std::int64_t width, KeyedRandom& random) {
  const auto area = static_cast<double>(height * width);
  for (int i = 0; i < kCropTries; ++i) {
    const double part = area * random.uniform(kMinArea, 1.0);
    const double aspect = std::exp(random.uniform(std::log(kMinAspect), std::log(kMaxAspect)));
    const std::int64_t w = round_to_even(std::sqrt(part * aspect));
    const std::int64_t h = round_to_even(std::sqrt(part / aspect));
    if (w <= 0 || h <= 0 || w > width || h > height) continue;
    const std::int64_t top = draw_offset(height - h, random);
    return {draw_offset(width - w, random), top, w, h};
  }
  return central_crop(height, width);
}

torch::Tensor flip(const torch::Tensor& image) {
  check_image(image);
  torch::Tensor result = torch::empty(image.sizes(), torch::kUInt8);  // (H, W, 3)
  const std::uint8_t* in = pixels_of(image);
  auto* out = result.data_ptr<std::uint8_t>();
  const std::int64_t width = image.size(1);
  for (std::int64_t y = 0; y < image.size(0); ++y, in += 3 * width, out += 3 * width) {
    for (std::int64_t x = 0; x < width; ++x) std::copy_n(in + 3 * (width - 1 - x), 3, out + 3 * x);
  }
  return result;
}

torch::Tensor training_transform(const torch::Tensor& image, std::int64_t size, KeyedRandom random) {
  check_image(image);
  const Box box = draw_crop(image.size(0), image.size(1), random);
  torch::Tensor result = resize(crop(image, box), size, size);  // (S, S, 3)
  if (random.uniform() < 0.5) result = flip(result);
  for (const AugmentStep& step : draw_rand_augment(random)) result = augment(result, step);
  return result;
}

torch::Tensor normalize(const torch::Tensor& images, torch::Device device, torch::Dtype dtype) {
  TORCH_CHECK_VALUE(images.dim() == 4 && images.size(1) == 3 && images.scalar_type() == torch::kUInt8,
                    "images: expected uint8 of shape (B, 3, H, W), got ", images.scalar_type(), " ",
                    images.sizes(), ".");
  TORCH_CHECK_VALUE(c10::isFloatingType(dtype), "dtype: expected a floating type, got ", dtype, ".");
  const torch::NoGradGuard no_grad;
  const torch::Tensor moved = images.to(device, /*non_blocking=*/true);  // (B, 3, H, W)
  torch::Tensor result = torch::empty(moved.sizes(), moved.options().dtype(dtype));
  for (std::size_t c = 0; c < 3; ++c) {
    // A number on the left: constants in tensors would have to be copied to the device each time.
    const torch::Tensor black = torch::scalar_tensor(-kMean[c] / kDeviation[c], torch::kFloat32);
    const auto channel = static_cast<std::int64_t>(c);
    torch::Tensor part = result.select(1, channel);
    at::add_out(part, black, moved.select(1, channel), 1 / (255 * kDeviation[c]));
  }
  return result;
}

}  // namespace mkt::data
