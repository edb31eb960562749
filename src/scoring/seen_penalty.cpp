#include "scoring/seen_penalty.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace mkt::scoring {
namespace {

/// The best labels of each image among a range of columns: values and hits (1 or 0), (N, most) each.
struct Best {
  torch::Tensor scores;  // float64
  torch::Tensor hits;    // int64
};

Best best_of(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t most) {
  const auto [values, places] = scores.topk(std::min(most, scores.size(1)), 1);
  return {values.to(torch::kFloat64), labels.gather(1, places).eq(1).to(torch::kInt64)};
}

/// A penalty at which an image's labels change, and the change in the number of hits.
struct Swap {
  double penalty;
  std::int64_t gain;
};

/// Returns the swaps of all images in ascending order. With j unseen labels chosen, the next swap is at the
/// score of seen label k − j minus that of unseen label j + 1.
std::vector<Swap> swaps_of(const Best& seen, const Best& unseen, std::int64_t k) {
  std::vector<Swap> swaps;
  const std::int64_t first = std::max<std::int64_t>(0, k - seen.scores.size(1));
  for (std::int64_t j = first; j < std::min(k, unseen.scores.size(1)); ++j) {
    const std::int64_t loser = k - j - 1;
    const torch::Tensor penalties =
        (seen.scores.select(1, loser) - unseen.scores.select(1, j)).contiguous();  // (N)
    const torch::Tensor gains = (unseen.hits.select(1, j) - seen.hits.select(1, loser)).contiguous();
    for (std::int64_t image = 0; image < penalties.size(0); ++image)
      swaps.push_back(
          {penalties.const_data_ptr<double>()[image], gains.const_data_ptr<std::int64_t>()[image]});
  }
  std::sort(swaps.begin(), swaps.end(), [](const Swap& a, const Swap& b) { return a.penalty < b.penalty; });
  return swaps;
}

/// The point of the range between two swaps, where infinite ends stand for none.
double point_in(double low, double high) {
  constexpr double kBeyond = 1e-3;  // beyond the first and the last swap
  if (low < 0 && 0 < high) return 0;
  if (std::isinf(low)) return high - kBeyond;
  return std::isinf(high) ? low + kBeyond : (low + high) / 2;
}

}  // namespace

torch::Tensor penalised(const torch::Tensor& scores, std::int64_t seen, double penalty) {
  torch::Tensor result = scores.clone();
  result.slice(1, 0, seen).sub_(scores.std(1, /*unbiased=*/true, /*keepdim=*/true).mul_(penalty));
  return result;
}

double fit_seen_penalty(const torch::Tensor& raw, const torch::Tensor& labels, std::int64_t seen,
                        std::int64_t k) {
  const std::int64_t count = raw.size(1);
  TORCH_CHECK_VALUE(0 < seen && seen < count, "fit-seen-penalty: expected seen and unseen labels, got ", seen,
                    " seen of ", count, ". Use a data set with both.");
  TORCH_CHECK_VALUE(1 <= k && k <= count, "fit-seen-penalty: expected k of 1 to ", count, ", got ", k, ".");
  constexpr double kLeastDeviation = 1e-12;
  const torch::Tensor scores = raw / raw.std(1, true, /*keepdim=*/true).clamp_min(kLeastDeviation);
  const std::vector<Swap> swaps = swaps_of(best_of(scores.slice(1, 0, seen), labels.slice(1, 0, seen), k),
                                           best_of(scores.slice(1, seen), labels.slice(1, seen), k), k);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::int64_t hits = 0;
  std::int64_t most = 0;
  double best = swaps.empty() ? 0 : point_in(-kInfinity, swaps.front().penalty);
  for (std::size_t i = 0; i < swaps.size(); ++i) {
    hits += swaps[i].gain;
    const double next = i + 1 < swaps.size() ? swaps[i + 1].penalty : kInfinity;
    if (next == swaps[i].penalty) continue;
    const double here = point_in(swaps[i].penalty, next);
    if (hits < most || (hits == most && std::abs(here) >= std::abs(best))) continue;
    most = hits;
    best = here;
  }
  return best;
}

}  // namespace mkt::scoring
