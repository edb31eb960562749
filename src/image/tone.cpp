#include "image/tone.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "codecs/pixels.h"

namespace mkt::image {
namespace {

using Table = std::array<std::uint8_t, 256>;
using Histogram = std::array<std::int64_t, 256>;

template <typename Rule>
Table make_table(Rule rule) {
  Table table = {};
  for (int value = 0; value < 256; ++value) {
    table[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(std::clamp<int>(rule(value), 0, 255));
  }
  return table;
}

torch::Tensor look_up(const torch::Tensor& image, const std::array<Table, 3>& tables) {
  torch::Tensor result = torch::empty(image.sizes(), torch::kUInt8);  // (H, W, 3)
  const std::uint8_t* in = pixels_of(image);
  auto* out = result.data_ptr<std::uint8_t>();
  const std::int64_t size = image.numel();
  for (std::int64_t i = 0; i < size; i += 3) {
    for (std::size_t c = 0; c < 3; ++c)
      out[i + static_cast<std::int64_t>(c)] = tables[c][in[i + static_cast<std::int64_t>(c)]];
  }
  return result;
}

torch::Tensor look_up(const torch::Tensor& image, const Table& table) {
  return look_up(image, {table, table, table});
}

std::array<Histogram, 3> histograms(const torch::Tensor& image) {
  std::array<Histogram, 3> counts = {};
  const std::uint8_t* in = pixels_of(image);
  const std::int64_t size = image.numel();
  for (std::int64_t i = 0; i < size; i += 3) {
    for (std::size_t c = 0; c < 3; ++c) ++counts[c][in[i + static_cast<std::int64_t>(c)]];
  }
  return counts;
}

Table stretching_table(const Histogram& counts) {
  const auto occurs = [](std::int64_t count) { return count > 0; };
  const auto low = std::find_if(counts.begin(), counts.end(), occurs) - counts.begin();
  const auto high = 255 - (std::find_if(counts.rbegin(), counts.rend(), occurs) - counts.rbegin());
  if (high <= low) return make_table([](int value) { return value; });
  const double scale = 255.0 / static_cast<double>(high - low);
  const double offset = -static_cast<double>(low) * scale;
  return make_table([&](int value) { return static_cast<int>(value * scale + offset); });
}

Table levelling_table(const Histogram& counts) {
  std::int64_t total = 0;
  std::int64_t last = 0;
  for (const std::int64_t count : counts) {
    total += count;
    if (count > 0) last = count;
  }
  const std::int64_t step = (total - last) / 255;  // also 0 if the channel has a single value
  if (step == 0) return make_table([](int value) { return value; });
  std::int64_t below = step / 2;
  return make_table([&](int value) {
    const std::int64_t level = below / step;
    below += counts[static_cast<std::size_t>(value)];
    return static_cast<int>(level);
  });
}

std::uint8_t luma(const std::uint8_t* pixel) {  // ITU-R 601, 16-bit fixed point
  return static_cast<std::uint8_t>((pixel[0] * 19595U + pixel[1] * 38470U + pixel[2] * 7471U + 0x8000U) >>
                                   16U);
}

/// Interpolates between `other` (share 0) and `value` (share 1); extrapolates for shares greater than 1.
std::uint8_t blended(int value, int other, float share) {
  const auto base = static_cast<float>(other);
  return to_byte(base + share * (static_cast<float>(value) - base));
}

Table blending_table(int other, double factor) {
  const auto share = static_cast<float>(factor);
  return make_table([&](int value) { return blended(value, other, share); });
}

void grey_row(const std::uint8_t* in, std::int64_t stride, std::uint8_t* out) {
  for (std::int64_t x = 0; x < stride; x += 3) std::fill_n(out + x, 3, luma(in + x));
}

// Blends a row with a weighted 3 × 3 mean in which the centre has weight 5. Skips the first and last pixel.
void sharpen_row(const std::uint8_t* in, std::int64_t stride, float share, std::uint8_t* out) {
  for (std::int64_t x = 3; x + 3 < stride; ++x) {
    int sum = 4 * in[x];
    for (std::int64_t line = -stride; line <= stride; line += stride) {
      sum += in[x + line - 3] + in[x + line] + in[x + line + 3];
    }
    out[x] = blended(in[x], (2 * sum + 13) / 26, share);
  }
}

}  // namespace

torch::Tensor auto_contrast(const torch::Tensor& image) {
  const auto counts = histograms(image);
  return look_up(image,
                 {stretching_table(counts[0]), stretching_table(counts[1]), stretching_table(counts[2])});
}

torch::Tensor equalize(const torch::Tensor& image) {
  const auto counts = histograms(image);
  return look_up(image, {levelling_table(counts[0]), levelling_table(counts[1]), levelling_table(counts[2])});
}

torch::Tensor invert(const torch::Tensor& image) {
  return look_up(image, make_table([](int value) { return 255 - value; }));
}

torch::Tensor posterize(const torch::Tensor& image, int bits) {
  const int mask = 256 - (1 << (8 - std::clamp(bits, 0, 8)));
  return look_up(image, make_table([&](int value) { return value & mask; }));
}

torch::Tensor solarize(const torch::Tensor& image, int threshold) {
  return look_up(image, make_table([&](int value) { return value < threshold ? value : 255 - value; }));
}

torch::Tensor solarize_add(const torch::Tensor& image, int added) {
  return look_up(image, make_table([&](int value) { return value < 128 ? value + added : value; }));
}

torch::Tensor color(const torch::Tensor& image, double factor) {
  torch::Tensor result = torch::empty(image.sizes(), torch::kUInt8);  // (H, W, 3)
  const std::uint8_t* in = pixels_of(image);
  auto* out = result.data_ptr<std::uint8_t>();
  const auto share = static_cast<float>(factor);
  const std::int64_t stride = 3 * image.size(1);
  std::vector<std::uint8_t> grey(
      static_cast<std::size_t>(stride));  // filled in a separate loop, which the compiler vectorises
  for (std::int64_t y = 0; y < image.size(0); ++y, in += stride, out += stride) {
    grey_row(in, stride, grey.data());
    for (std::int64_t x = 0; x < stride; ++x)
      out[x] = blended(in[x], grey[static_cast<std::size_t>(x)], share);
  }
  return result;
}

torch::Tensor contrast(const torch::Tensor& image, double factor) {
  const std::uint8_t* in = pixels_of(image);
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < image.numel(); i += 3) sum += luma(in + i);
  const std::int64_t pixels = image.numel() / 3;
  const double mean = std::floor(static_cast<double>(sum) / static_cast<double>(pixels) + 0.5);  // as Pillow
  return look_up(image, blending_table(static_cast<int>(mean), factor));
}

torch::Tensor brightness(const torch::Tensor& image, double factor) {
  return look_up(image, blending_table(0, factor));
}

torch::Tensor sharpness(const torch::Tensor& image, double factor) {
  torch::Tensor result =
      torch::empty(image.sizes(), torch::kUInt8);  // (H, W, 3); the outermost pixels stay unchanged
  std::memcpy(result.data_ptr(), image.const_data_ptr(), image.nbytes());
  const std::int64_t stride = 3 * image.size(1);
  for (std::int64_t y = 1; y + 1 < image.size(0); ++y) {
    sharpen_row(pixels_of(image) + y * stride, stride, static_cast<float>(factor),
                result.data_ptr<std::uint8_t>() + y * stride);
  }
  return result;
}

}  // namespace mkt::image
