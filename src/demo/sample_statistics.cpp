#include "demo/sample_statistics.h"

#include <c10/util/Exception.h>

#include <cmath>
#include <numeric>

namespace mkt::demo {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;

/// Probability that |t| < tan(angle) · √degrees.
double share_within(double angle, int degrees) {
  const bool odd = degrees % 2 == 1;
  const double square = std::cos(angle) * std::cos(angle);
  double term = odd ? std::cos(angle) : 1;
  double sum = degrees == 1 ? 0 : term;
  for (int i = odd ? 3 : 2; i < degrees; i += 2) {
    term *= square * (i - 1) / i;
    sum += term;
  }
  return odd ? 2 / kHalfTurn * (angle + std::sin(angle) * sum) : std::sin(angle) * sum;
}

}  // namespace

MeanAndDeviation mean_and_deviation(const std::vector<double>& values) {
  TORCH_CHECK_VALUE(!values.empty(), "mean: expected at least one value, got none.");
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() == 1 ? 0 : std::sqrt(squares / (count - 1))};
}

double t_quantile(int degrees) {
  constexpr double kShare = 0.95;
  constexpr int kHalvings = 60;
  TORCH_CHECK_VALUE(degrees >= 1, "degrees: expected at least 1 degree of freedom, got ", degrees, ".");
  double low = 0;
  double high = kHalfTurn / 2;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (share_within(middle, degrees) < kShare ? low : high) = middle;
  }
  return std::tan(low) * std::sqrt(static_cast<double>(degrees));
}

bool PairedDifference::differs_from_zero() const {
  return half_width.has_value() && std::abs(all.mean) > *half_width;
}

PairedDifference paired_difference(const std::vector<double>& values, const std::vector<double>& base) {
  TORCH_CHECK_VALUE(values.size() == base.size(), "differences: expected ", base.size(),
                    " values as in the base, got ", values.size(), ".");
  PairedDifference result;
  for (std::size_t i = 0; i < values.size(); ++i) result.each.push_back(values[i] - base[i]);
  result.all = mean_and_deviation(result.each);
  const auto pairs = static_cast<int>(values.size());
  if (pairs > 1) {
    result.half_width = t_quantile(pairs - 1) * result.all.deviation / std::sqrt(static_cast<double>(pairs));
  }
  return result;
}

}  // namespace mkt::demo
