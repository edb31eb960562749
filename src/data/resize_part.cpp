#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "mkt/data/decode.h"
#include "mkt/data/resample.h"
#include "pixels.h"

// What ATen's uint8 kernel does (UpSampleKernel.cpp, antialias), for a part of its result: across, then down,
// each time with weights made whole numbers of up to 15 bits and the sums rounded to bytes.
namespace mkt::data {
namespace {

// Halves upwards.
std::int64_t nearest(double value) {
  return static_cast<std::int64_t>(std::floor(value + 0.5));
}

// Keys's cubic with a = -0.5.
double cubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  return x < 2 ? ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA : 0;
}

/// Which inputs the outputs along one axis are made of.
class Filter {
 public:
  Filter(std::int64_t from, std::int64_t to)
      : from_(from),
        scale_(static_cast<double>(from) / static_cast<double>(to)),
        support_(2 * std::max(scale_, 1.0)),
        inverse_(scale_ >= 1 ? 1 / scale_ : 1) {}

  /// The first input of output `i`; `weights` of it and those behind it, which sum to 1.
  std::int64_t weigh(std::int64_t i, std::vector<double>& weights) const {
    const double centre = scale_ * (static_cast<double>(i) + 0.5);
    const auto first = std::max<std::int64_t>(nearest(centre - support_), 0);
    const auto end = std::min(nearest(centre + support_), from_);
    const auto most = 2 * static_cast<std::int64_t>(std::ceil(support_)) + 1;
    weights.resize(static_cast<std::size_t>(std::clamp<std::int64_t>(end - first, 0, most)));
    double total = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const auto at = static_cast<double>(static_cast<std::int64_t>(k) + first);
      weights[k] = cubic((at - centre + 0.5) * inverse_);
      total += weights[k];
    }
    for (double& weight : weights) weight /= total;
    return first;
  }

 private:
  std::int64_t from_;
  double scale_;
  double support_;
  double inverse_;
};

/// How many bits after the point the largest of all weights leaves room for.
int precision_of(const Filter& filter, std::int64_t outputs) {
  constexpr int kMostBits = 22;
  double largest = 0;
  std::vector<double> weights;
  for (std::int64_t i = 0; i < outputs; ++i) {
    filter.weigh(i, weights);
    for (const double weight : weights) largest = std::max(largest, weight);
  }
  int bits = 0;
  while (bits < kMostBits && nearest(largest * (1 << (bits + 1))) < 1 << 15) ++bits;
  return bits;
}

/// The weights, times 2^precision, of `count` outputs from `begin` on.
struct Taps {
  Taps(std::int64_t from, std::int64_t to, std::int64_t begin, std::int64_t count) {
    const Filter filter(from, to);
    precision = precision_of(filter, to);
    std::vector<double> exact;
    for (std::int64_t i = begin; i < begin + count; ++i) {
      first.push_back(filter.weigh(i, exact));
      auto& rounded = weights.emplace_back();
      for (const double weight : exact) {
        const double scaled = weight * (1 << precision);
        rounded.push_back(static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
      }
    }
  }

  /// Output `i` of three channels; `in` is its first input, the next ones `step` bytes apart.
  void apply(std::size_t i, const std::uint8_t* in, std::int64_t step, std::uint8_t* out) const {
    std::array<int, 3> sum{};
    sum.fill((1 << precision) / 2);
    for (const int weight : weights[i]) {
      for (std::size_t c = 0; c < 3; ++c) sum[c] += weight * in[c];
      in += step;
    }
    for (std::size_t c = 0; c < 3; ++c) {
      out[c] = static_cast<std::uint8_t>(std::clamp(sum[c] >> precision, 0, 255));
    }
  }

  std::vector<std::int64_t> first;
  std::vector<std::vector<int>> weights;
  int precision = 0;
};

}  // namespace

torch::Tensor resize_part(const torch::Tensor& image, std::int64_t height, std::int64_t width,
                          const Box& box) {
  check_image(image);
  TORCH_CHECK_VALUE(std::max(height, width) <= kMaxPixels, "resize: expected sides of at most ", kMaxPixels,
                    " pixels, got ", width, " x ", height, " from ", image.size(1), " x ", image.size(0),
                    ". Crop the image to a less extreme shape.");
  check_box(box, height, width);
  check_resized(image, box.height, box.width);
  const Taps columns(image.size(1), width, box.left, box.width);
  const Taps rows(image.size(0), height, box.top, box.height);
  const std::int64_t top = rows.first.front();
  const std::int64_t bottom = rows.first.back() + static_cast<std::int64_t>(rows.weights.back().size());
  torch::Tensor across = torch::empty({bottom - top, box.width, 3}, torch::kUInt8);  // (rows needed, w, 3)
  auto* out = across.data_ptr<std::uint8_t>();
  for (std::int64_t y = top; y < bottom; ++y) {
    const std::uint8_t* row = pixels_of(image) + 3 * image.size(1) * y;
    for (std::size_t x = 0; x < columns.first.size(); ++x, out += 3) {
      columns.apply(x, row + 3 * columns.first[x], 3, out);
    }
  }
  torch::Tensor result = torch::empty({box.height, box.width, 3}, torch::kUInt8);  // (h, w, 3)
  out = result.data_ptr<std::uint8_t>();
  for (std::size_t y = 0; y < rows.first.size(); ++y) {
    const std::uint8_t* row = pixels_of(across) + 3 * box.width * (rows.first[y] - top);
    for (std::int64_t x = 0; x < box.width; ++x, out += 3) rows.apply(y, row + 3 * x, 3 * box.width, out);
  }
  return result;
}

}  // namespace mkt::data
