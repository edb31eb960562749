#pragma once
// Means and paired differences over several runs.

#include <optional>
#include <vector>

namespace mkt::demo {

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;  ///< sample standard deviation; 0 for a single value
};
/// Computes mean and deviation. Throws ValueError if `values` is empty.
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

/// Returns t such that a Student t variable with `degrees` degrees of freedom lies in [-t, t] with
/// probability 0.95. Throws ValueError if `degrees` is less than 1. Source: Abramowitz and Stegun, Handbook
/// of Mathematical Functions (1964), 26.7.3 and 26.7.4.
double t_quantile(int degrees);

/// Differences value[i] − base[i] of runs that share everything but what is compared.
struct PairedDifference {
  std::vector<double> each;
  MeanAndDeviation all;
  std::optional<double> half_width;  ///< half of the 95 % t interval of the mean; nullopt for a single pair

  /// Whether the interval is entirely above or below 0.
  bool differs_from_zero() const;
};
/// Computes the differences. Throws ValueError if the numbers of values differ or are 0.
PairedDifference paired_difference(const std::vector<double>& values, const std::vector<double>& base);

}  // namespace mkt::demo
