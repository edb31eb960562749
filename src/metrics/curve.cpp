#include "mkt/metrics/curve.h"

#include <algorithm>

#include "metrics/checks.h"

namespace mkt::metrics {
namespace {

constexpr std::int64_t kRowsAtOnce = 4096;

/// Counts absent image-label pairs by rank among the present pairs, present (M) ascending → (M + 1): entry k
/// is the number of absent pairs that score at least as high as exactly k present pairs. Only the few present
/// pairs are sorted, not the many absent ones.
torch::Tensor absent_by_place(const torch::Tensor& present, const torch::Tensor& scores,
                              const torch::Tensor& labels) {
  torch::Tensor counts = torch::zeros({present.size(0) + 1}, torch::kInt64);
  for (std::int64_t row = 0; row < scores.size(0); row += kRowsAtOnce) {
    const torch::Tensor absent =
        scores.slice(0, row, row + kRowsAtOnce).masked_select(labels.slice(0, row, row + kRowsAtOnce).eq(-1));
    const torch::Tensor places = torch::searchsorted(present, absent, false, /*right=*/true);
    counts += torch::bincount(places, {}, counts.size(0));
  }
  return counts;
}

}  // namespace

std::vector<CurvePoint> precision_recall_curve(const torch::Tensor& scores, const torch::Tensor& labels,
                                               std::int64_t points) {
  check_scores(scores, labels);
  TORCH_CHECK_VALUE(points >= 2, "points: expected at least 2, got ", points, ". Ask for more.");
  const torch::Tensor values = scores.to(torch::kCPU, torch::kFloat32);
  const torch::Tensor truth = labels.to(torch::kCPU);
  const torch::Tensor present = std::get<0>(values.masked_select(truth.eq(1)).sort());  // (M)
  const std::int64_t size = present.size(0);
  if (size == 0) return {};
  // Entry k: number of absent pairs that score at least as high as k or more present pairs.
  const torch::Tensor absent = absent_by_place(present, values, truth).flip(0).cumsum(0).flip(0);
  const auto* sorted = present.const_data_ptr<float>();
  const auto* predicted_absent = absent.const_data_ptr<std::int64_t>();
  std::vector<CurvePoint> curve;
  std::int64_t last = size;
  for (std::int64_t i = 0; i < points; ++i) {
    const std::int64_t chosen = size - 1 - i * (size - 1) / (points - 1);
    const std::int64_t first = std::lower_bound(sorted, sorted + size, sorted[chosen]) - sorted;
    if (first == last) continue;
    last = first;
    const auto hits = static_cast<double>(size - first);
    curve.push_back({sorted[first], hits / (hits + static_cast<double>(predicted_absent[first + 1])),
                     hits / static_cast<double>(size)});
  }
  return curve;
}

}  // namespace mkt::metrics
