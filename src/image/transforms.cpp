#include "mkt/image/transforms.h"

#include <ATen/ops/add.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "codecs/pixels.h"
#include "image/augment.h"
#include "image/passes.h"

namespace mkt::image {
namespace {

constexpr std::array<double, 3> kMean = {0.485, 0.456, 0.406};
constexpr std::array<double, 3> kDeviation = {0.229, 0.224, 0.225};
constexpr double kMinArea = 0.08;
constexpr double kMinAspect = 3.0 / 4.0;
constexpr double kMaxAspect = 4.0 / 3.0;
constexpr int kCropTries = 10;

// Rounds to the nearest integer, halves to even, as Python's round() does.
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

/// Adapts a decoded image to the interface of ImageFile.
struct Decoded {
  const torch::Tensor& image;  // (H, W, 3)

  std::int64_t height() const { return image.size(0); }
  std::int64_t width() const { return image.size(1); }
  torch::Tensor read(const Box& box) const { return part_of(image, box); }
  static void shrink(std::int64_t /*denominator*/) {}
};

/// Returns the largest factor for scaled decoding (8, 4, 2 or 1) after which resizing does not enlarge the
/// image.
std::int64_t denominator_of(std::int64_t height, std::int64_t width, std::int64_t new_height,
                            std::int64_t new_width) {
  for (const std::int64_t denominator : {8, 4, 2}) {
    if (height >= denominator * new_height && width >= denominator * new_width) return denominator;
  }
  return 1;
}

/// Converts pixels [begin, begin + size) of an axis to coordinates of the axis shrunk by `denominator`.
struct Shrunk {
  Shrunk(std::int64_t begin, std::int64_t size, std::int64_t denominator)
      : first(begin / denominator),
        count((begin + size + denominator - 1) / denominator - first),
        shown{static_cast<double>(begin - first * denominator) / static_cast<double>(denominator),
              static_cast<double>(size) / static_cast<double>(denominator)} {}

  std::int64_t first;
  std::int64_t count;
  Stretch shown;
};

/// Applies `resize` to the pixels of `source` inside `box`. A JPEG is shrunk during decoding with
/// Decoding::kFast, and if it has more than kMaxPixels.
template <typename Source>
torch::Tensor resample_from(Source& source, const Box& box, Resize resize, Decoding decoding) {
  const std::int64_t height = source.height();
  const std::int64_t most = denominator_of(box.height, box.width, resize.height, resize.width);
  const std::int64_t least = std::min(most, denominator_for_limit(height, source.width()));
  const std::int64_t wanted = decoding == Decoding::kFast ? most : least;
  if (wanted > 1) source.shrink(wanted);
  const std::int64_t denominator = source.height() < height ? wanted : 1;
  const Shrunk rows(box.top, box.height, denominator);
  const Shrunk columns(box.left, box.width, denominator);
  resize.from_height = rows.count;
  resize.from_width = columns.count;
  resize.rows = rows.shown;
  resize.columns = columns.shown;
  Box input = input_of(resize);
  input.left += columns.first;
  input.top += rows.first;
  return resample(source.read(input), resize);
}

template <typename Source>
torch::Tensor evaluate(Source&& source, std::int64_t size, Decoding decoding) {
  TORCH_CHECK_VALUE(size > 0, "size: expected a positive number, got ", size, ".");
  const std::int64_t short_side = size * 8 / 7;
  const std::int64_t height = source.height();
  const std::int64_t width = source.width();
  const std::int64_t new_height = height <= width ? short_side : short_side * height / width;
  const std::int64_t new_width = height <= width ? short_side * width / height : short_side;
  const std::int64_t top = round_to_even(static_cast<double>(new_height - size) / 2);
  const std::int64_t left = round_to_even(static_cast<double>(new_width - size) / 2);
  const Resize resize{height, width, new_height, new_width, {left, top, size, size}};
  return resample_from(source, {0, 0, width, height}, resize, decoding);
}

}  // namespace

torch::Tensor evaluation_transform(const torch::Tensor& image, std::int64_t size) {
  check_image(image);
  return evaluate(Decoded{image}, size, Decoding::kExact);
}

torch::Tensor evaluation_sample(ImageFile& file, std::int64_t size, Decoding decoding) {
  return evaluate(file, size, decoding);
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

torch::Tensor training_sample(ImageFile& file, std::int64_t size, KeyedRandom random, Decoding decoding) {
  const Box box = draw_crop(file.height(), file.width(), random);
  const bool mirrored = random.uniform() < 0.5;
  const Resize resize{box.height, box.width, size, size, {0, 0, size, size}, mirrored};
  torch::Tensor result = resample_from(file, box, resize, decoding);  // (S, S, 3)
  for (const AugmentStep& step : draw_rand_augment(random)) result = augment(result, step);
  return result;
}

void to_planes(const torch::Tensor& image, std::uint8_t* planes) {
  check_image(image);
  split(pixels_of(image), static_cast<std::size_t>(image.size(0) * image.size(1)), planes, best_kernel());
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
    // A 0-dimensional CPU tensor on the left needs no copy to the device.
    const torch::Tensor black = torch::scalar_tensor(-kMean[c] / kDeviation[c], torch::kFloat32);
    const auto channel = static_cast<std::int64_t>(c);
    torch::Tensor part = result.select(1, channel);
    at::add_out(part, black, moved.select(1, channel), 1 / (255 * kDeviation[c]));
  }
  return result;
}

}  // namespace mkt::image
