#include "mkt/data/resample.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "mkt/data/decode.h"
#include "pixels.h"

namespace mkt::data {
namespace {

using Weights = std::array<float, 4>;

// Keys's cubic with a = -1 at the distances 1 + d, d, 1 - d, 2 - d.
Weights cubic_weights(double distance) {
  const auto d = static_cast<float>(distance);
  const float d2 = d * d;
  const float d3 = d2 * d;
  return {-d + 2 * d2 - d3, 1 - 2 * d2 + d3, d + d2 - d3, d3 - d2};
}

struct Source {
  const std::uint8_t* pixels;
  std::int64_t height;
  std::int64_t width;
};

// One pixel of `source` at (x, y), in coordinates where pixel centres are half-integers.
void sample(const Source& source, double x, double y, std::uint8_t* out) {
  const double left = std::floor(x - 0.5);
  const double top = std::floor(y - 0.5);
  const Weights across = cubic_weights(x - 0.5 - left);
  const Weights down = cubic_weights(y - 0.5 - top);
  std::array<std::int64_t, 4> columns = {};
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t column = static_cast<std::int64_t>(left) - 1 + k;
    columns[static_cast<std::size_t>(k)] = 3 * std::clamp<std::int64_t>(column, 0, source.width - 1);
  }
  std::array<float, 3> sum = {};
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t line =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(top) - 1 + k, 0, source.height - 1);
    const std::uint8_t* row = source.pixels + 3 * source.width * line;
    std::array<float, 3> part = {};
    for (std::size_t j = 0; j < 4; ++j) {
      const std::uint8_t* pixel = row + columns[j];
      for (std::size_t c = 0; c < 3; ++c) part[c] += across[j] * static_cast<float>(pixel[c]);
    }
    for (std::size_t c = 0; c < 3; ++c) sum[c] += down[static_cast<std::size_t>(k)] * part[c];
  }
  for (std::size_t c = 0; c < 3; ++c) out[c] = to_byte(sum[c]);
}

}  // namespace

void check_image(const torch::Tensor& image) {
  TORCH_CHECK_VALUE(image.dim() == 3 && image.size(2) == 3 && image.scalar_type() == torch::kUInt8 &&
                        image.is_contiguous() && image.numel() > 0,
                    "image: expected contiguous uint8 of shape (H, W, 3), got ", image.scalar_type(), " ",
                    image.sizes(), ".");
}

void check_box(const Box& box, std::int64_t height, std::int64_t width) {
  TORCH_CHECK_VALUE(box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 &&
                        box.left + box.width <= width && box.top + box.height <= height,
                    "box: expected a part of ", width, " x ", height, ", got ", box.width, " x ", box.height,
                    " at (", box.left, ", ", box.top, ").");
}

void check_resized(const torch::Tensor& image, std::int64_t height, std::int64_t width) {
  TORCH_CHECK_VALUE(height > 0 && width > 0 && height <= kMaxPixels / width, "resize: expected 1 to ",
                    kMaxPixels, " pixels, got ", width, " x ", height, " from ", image.size(1), " x ",
                    image.size(0), ". Crop the image to a less extreme shape.");
}

torch::Tensor crop(const torch::Tensor& image, const Box& box) {
  check_image(image);
  check_box(box, image.size(0), image.size(1));
  torch::Tensor part = torch::empty({box.height, box.width, 3}, torch::kUInt8);  // (h, w, 3)
  const std::uint8_t* from = pixels_of(image) + 3 * (box.top * image.size(1) + box.left);
  auto* to = part.data_ptr<std::uint8_t>();
  for (std::int64_t y = 0; y < box.height; ++y) {
    std::memcpy(to, from, static_cast<std::size_t>(3 * box.width));
    to += 3 * box.width;
    from += 3 * image.size(1);
  }
  return part;
}

torch::Tensor resize(const torch::Tensor& image, std::int64_t height, std::int64_t width) {
  check_image(image);
  check_resized(image, height, width);
  if (height == image.size(0) && width == image.size(1)) return image;
  const torch::NoGradGuard no_grad;
  // Channels last by every stride, the batch's too: so the uint8 kernel works on interleaved pixels, in and
  // out.
  const torch::Tensor planes = image.unsqueeze(0).permute({0, 3, 1, 2});  // (1, 3, H, W)
  const torch::Tensor resized = at::_upsample_bicubic2d_aa(planes, {height, width}, /*align_corners=*/false);
  return resized.squeeze(0).permute({1, 2, 0}).contiguous();  // (height, width, 3)
}

torch::Tensor affine(const torch::Tensor& image, const std::array<double, 6>& matrix,
                     const std::array<std::uint8_t, 3>& fill) {
  check_image(image);
  const Source source{pixels_of(image), image.size(0), image.size(1)};
  torch::Tensor result = torch::empty(image.sizes(), torch::kUInt8);  // (H, W, 3)
  auto* out = result.data_ptr<std::uint8_t>();
  for (std::int64_t row = 0; row < source.height; ++row) {
    const double y_out = static_cast<double>(row) + 0.5;
    for (std::int64_t column = 0; column < source.width; ++column, out += 3) {
      const double x_out = static_cast<double>(column) + 0.5;
      const double x = matrix[0] * x_out + matrix[1] * y_out + matrix[2];
      const double y = matrix[3] * x_out + matrix[4] * y_out + matrix[5];
      const bool inside =
          x >= 0 && y >= 0 && x < static_cast<double>(source.width) && y < static_cast<double>(source.height);
      if (inside) {
        sample(source, x, y, out);
      } else {
        std::copy(fill.begin(), fill.end(), out);
      }
    }
  }
  return result;
}

}  // namespace mkt::data
