#include "model/best_patches.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace mkt::model {
namespace {

/// Returns the mean of the row's best.size() highest scores, which `best` then contains in descending order;
/// NaN if the row contains NaN. Scores below all of them need only one comparison.
float mean_of_row(const float* scores, std::int64_t count, std::vector<float>& best) {
  if (std::any_of(scores, scores + count, [](float score) { return std::isnan(score); }))
    return std::numeric_limits<float>::quiet_NaN();
  const auto k = static_cast<std::int64_t>(best.size());
  for (std::int64_t i = 0; i < count; ++i) {
    if (i >= k && scores[i] <= best.back()) continue;
    const auto end = best.begin() + std::min(i, k - 1);
    const auto place = std::upper_bound(best.begin(), end, scores[i], std::greater<>());
    std::move_backward(place, end, end + 1);
    *place = scores[i];
  }
  return static_cast<float>(std::accumulate(best.begin(), best.end(), 0.0) / static_cast<double>(k));
}

}  // namespace

torch::Tensor mean_of_best(const torch::Tensor& rows, std::int64_t k) {
  TORCH_CHECK_VALUE(rows.is_cpu() && rows.scalar_type() == torch::kFloat32 && rows.dim() > 0,
                    "mean_of_best: expected float32 rows on the CPU, got ", rows.scalar_type(), " ",
                    rows.sizes(), " on ", rows.device(), ".");
  const std::int64_t count = rows.size(-1);
  TORCH_CHECK_VALUE(1 <= k && k <= count, "mean_of_best: expected k of 1 to ", count, ", got ", k, ".");
  const torch::Tensor whole = rows.contiguous();
  torch::Tensor means = torch::empty(rows.sizes().slice(0, static_cast<std::size_t>(rows.dim() - 1)));
  const auto* scores = whole.const_data_ptr<float>();
  auto* mean = means.data_ptr<float>();
  std::vector<float> best(static_cast<std::size_t>(k));
  for (std::int64_t row = 0; row < means.numel(); ++row) {
    mean[row] = mean_of_row(scores + row * count, count, best);
  }
  return means;
}

}  // namespace mkt::model
