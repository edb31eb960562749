#pragma once
// Sums over the steps of an epoch.

#include <algorithm>
#include <cstdint>

namespace mkt::train {

/// Sums over all steps of an epoch, including those before a resume.
struct EpochSums {
  double rank_loss = 0;
  double dist_loss = 0;
  std::int64_t steps = 0;
  std::int64_t images = 0;

  /// Means over the steps; 0 before the first step.
  double mean_rank_loss() const { return mean(rank_loss); }
  double mean_dist_loss() const { return mean(dist_loss); }
  double mean_loss() const { return mean(rank_loss + dist_loss); }

  double mean(double sum) const { return sum / static_cast<double>(std::max<std::int64_t>(steps, 1)); }
};

}  // namespace mkt::train
