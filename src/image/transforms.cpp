#include "mkt/image/transforms.h"

#include <ATen/ops/add.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "codecs/pixels.h"
#include "image/augment.h"
#include "image/passes.h"

namespace mkt::image {
namespace {

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
torch::Tensor whole_image(Source& source, std::int64_t height, std::int64_t width, Decoding decoding) {
  const Box all{0, 0, source.width(), source.height()};
  return resample_from(source, all, {all.height, all.width, height, width, {0, 0, width, height}}, decoding);
}

/// Returns int(size / crop_share); a share that was itself computed as size / n yields n.
std::int64_t short_side_of(std::int64_t size, double crop_share) {
  constexpr double kRounding = 1e-6;
  return static_cast<std::int64_t>(static_cast<double>(size) / crop_share + kRounding);
}

/// Resizes the short side to short_side_of() pixels and crops the centre.
template <typename Source>
torch::Tensor centre_of(Source& source, std::int64_t size, double crop_share, Decoding decoding) {
  const std::int64_t short_side = short_side_of(size, crop_share);
  const std::int64_t height = source.height();
  const std::int64_t width = source.width();
  const std::int64_t new_height = height <= width ? short_side : short_side * height / width;
  const std::int64_t new_width = height <= width ? short_side * width / height : short_side;
  const std::int64_t top = round_to_even(static_cast<double>(new_height - size) / 2);
  const std::int64_t left = round_to_even(static_cast<double>(new_width - size) / 2);
  const Resize resize{height, width, new_height, new_width, {left, top, size, size}};
  return resample_from(source, {0, 0, width, height}, resize, decoding);
}

/// Resizes the long side to `size` pixels and centres the image on a square of `colour`.
template <typename Source>
torch::Tensor padded(Source& source, std::int64_t size, const std::array<std::uint8_t, 3>& colour,
                     Decoding decoding) {
  const auto longest = static_cast<double>(std::max(source.height(), source.width()));
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(
        1, round_to_even(static_cast<double>(side) * static_cast<double>(size) / longest));
  };
  const torch::Tensor image = whole_image(source, scaled(source.height()), scaled(source.width()), decoding);
  torch::Tensor result = torch::empty({size, size, 3}, torch::kUInt8);
  // LibTorch's operations would start threads in each decoding thread.
  auto* pixels = result.data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < size * size; ++i) std::memcpy(pixels + 3 * i, colour.data(), colour.size());
  const std::int64_t top = (size - image.size(0)) / 2;
  const std::int64_t left = (size - image.size(1)) / 2;
  for (std::int64_t y = 0; y < image.size(0); ++y) {
    std::memcpy(pixels + 3 * ((top + y) * size + left), pixels_of(image) + image.stride(0) * y,
                static_cast<std::size_t>(3 * image.size(1)));
  }
  return result;
}

template <typename Source>
torch::Tensor evaluate(Source&& source, std::int64_t size, const Preprocessing& preprocessing,
                       Decoding decoding) {
  TORCH_CHECK_VALUE(size > 0, "size: expected a positive number, got ", size, ".");
  check_preprocessing(preprocessing);
  switch (preprocessing.resize) {
    case ResizeMode::kSquash:
      return whole_image(source, size, size, decoding);
    case ResizeMode::kPad:
      return padded(source, size, mean_colour(preprocessing), decoding);
    case ResizeMode::kShort:
      break;
  }
  return centre_of(source, size, preprocessing.crop_share, decoding);
}

}  // namespace

torch::Tensor evaluation_transform(const torch::Tensor& image, std::int64_t size,
                                   const Preprocessing& preprocessing) {
  check_image(image);
  return evaluate(Decoded{image}, size, preprocessing, Decoding::kExact);
}

torch::Tensor evaluation_sample(ImageFile& file, std::int64_t size, const Preprocessing& preprocessing,
                                Decoding decoding) {
  return evaluate(file, size, preprocessing, decoding);
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

torch::Tensor training_sample(ImageFile& file, std::int64_t size, const Preprocessing& preprocessing,
                              KeyedRandom random, Decoding decoding) {
  const Box box = draw_crop(file.height(), file.width(), random);
  const bool mirrored = random.uniform() < 0.5;
  const Resize resize{box.height, box.width, size, size, {0, 0, size, size}, mirrored};
  torch::Tensor result = resample_from(file, box, resize, decoding);  // (S, S, 3)
  const std::array<std::uint8_t, 3> fill = mean_colour(preprocessing);
  for (const AugmentStep& step : draw_rand_augment(random)) result = augment(result, step, fill);
  return result;
}

void to_planes(const torch::Tensor& image, std::uint8_t* planes) {
  check_image(image);
  split(pixels_of(image), static_cast<std::size_t>(image.size(0) * image.size(1)), planes, best_kernel());
}

torch::Tensor normalize(const torch::Tensor& images, const Preprocessing& preprocessing, torch::Device device,
                        torch::Dtype dtype) {
  TORCH_CHECK_VALUE(images.dim() == 4 && images.size(1) == 3 && images.scalar_type() == torch::kUInt8,
                    "images: expected uint8 of shape (B, 3, H, W), got ", images.scalar_type(), " ",
                    images.sizes(), ".");
  TORCH_CHECK_VALUE(c10::isFloatingType(dtype), "dtype: expected a floating type, got ", dtype, ".");
  const torch::NoGradGuard no_grad;
  const torch::Tensor moved = images.to(device, /*non_blocking=*/true);  // (B, 3, H, W)
  torch::Tensor result = torch::empty(moved.sizes(), moved.options().dtype(dtype));
  const auto& mean = preprocessing.mean;
  const auto& deviation = preprocessing.deviation;
  for (std::size_t c = 0; c < mean.size(); ++c) {
    // A 0-dimensional CPU tensor on the left needs no copy to the device.
    const torch::Tensor black = torch::scalar_tensor(-mean[c] / deviation[c], torch::kFloat32);
    const auto channel = static_cast<std::int64_t>(c);
    torch::Tensor part = result.select(1, channel);
    at::add_out(part, black, moved.select(1, channel), 1 / (255 * deviation[c]));
  }
  return result;
}

}  // namespace mkt::image
