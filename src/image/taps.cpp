#include "image/taps.h"

#include <algorithm>
#include <cmath>

// Computes the weights of ATen's antialiased uint8 kernel (UpSampleKernel.cpp): integers with up to 15 bits.
namespace mkt::image {
namespace {

// Rounds to the nearest integer, halves up.
std::int64_t nearest(double value) {
  return static_cast<std::int64_t>(std::floor(value + 0.5));
}

// Evaluates Keys's cubic convolution kernel with a = -0.5.
double cubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  return x < 2 ? ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA : 0;
}

/// Computes the input pixels and the exact weights for each output pixel along one axis.
class Filter {
 public:
  explicit Filter(const Axis& axis)
      : from_(axis.from),
        begin_(axis.shown_begin),
        scale_((axis.shown_size > 0 ? axis.shown_size : static_cast<double>(axis.from)) /
               static_cast<double>(axis.to)),
        support_(2 * std::max(scale_, 1.0)),
        inverse_(scale_ >= 1 ? 1 / scale_ : 1) {}

  Span inputs(std::int64_t i) const {
    const double centre = centre_of(i);
    const auto first = std::max<std::int64_t>(nearest(centre - support_), 0);
    const auto end = std::min(nearest(centre + support_), from_);
    return {first, first + std::clamp<std::int64_t>(end - first, 0, most())};
  }

  std::int64_t most() const { return 2 * static_cast<std::int64_t>(std::ceil(support_)) + 1; }

  /// Sets `weights` to the input weights for output pixel `i`, which sum to 1; returns the largest weight.
  double weigh(std::int64_t i, const Span& inputs, std::vector<double>& weights) const {
    const double centre = centre_of(i);
    weights.resize(static_cast<std::size_t>(inputs.end - inputs.begin));
    double total = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const auto at = static_cast<double>(static_cast<std::int64_t>(k) + inputs.begin);
      weights[k] = cubic((at - centre + 0.5) * inverse_);
      total += weights[k];
    }
    double largest = 0;
    for (double& weight : weights) {
      weight /= total;
      largest = std::max(largest, weight);
    }
    return largest;
  }

 private:
  double centre_of(std::int64_t i) const { return begin_ + scale_ * (static_cast<double>(i) + 0.5); }

  std::int64_t from_;
  double begin_;
  double scale_;
  double support_;
  double inverse_;
};

/// Returns the maximum number of fractional bits (up to kMostBits) with which the largest weight fits into
/// int16.
int precision_of(const Filter& filter, std::int64_t outputs) {
  constexpr int kMostBits = 22;
  double largest = 0;
  std::vector<double> weights;
  for (std::int64_t i = 0; i < outputs; ++i) {
    largest = std::max(largest, filter.weigh(i, filter.inputs(i), weights));
  }
  int bits = 0;
  while (bits < kMostBits && nearest(largest * (1 << (bits + 1))) < 1 << 15) ++bits;
  return bits;
}

}  // namespace

Span inputs_of(const Axis& axis) {
  const Filter filter(axis);
  return {filter.inputs(axis.begin).begin, filter.inputs(axis.begin + axis.count - 1).end};
}

Taps::Taps(const Axis& axis) : stride(0) {
  const Filter filter(axis);
  precision = precision_of(filter, axis.to);
  const std::int64_t most = std::min(filter.most(), axis.from);
  stride = static_cast<std::size_t>((most + 3) / 4 * 4);
  weights.resize(static_cast<std::size_t>(axis.count) * stride);
  std::vector<double> exact;
  auto* row = weights.data();
  for (std::int64_t k = 0; k < axis.count; ++k, row += stride) {
    const std::int64_t i = axis.begin + (axis.mirrored ? axis.count - 1 - k : k);
    const Span inputs = filter.inputs(i);
    filter.weigh(i, inputs, exact);
    first.push_back(inputs.begin);
    counts.push_back(inputs.end - inputs.begin);
    std::transform(exact.begin(), exact.end(), row, [this](double weight) {
      const double scaled = weight * (1 << precision);
      return static_cast<std::int16_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    });
  }
}

}  // namespace mkt::image
