#include "mkt/metrics/f1.h"

#include <algorithm>
#include <vector>

#include "metrics/checks.h"

namespace mkt::metrics {
namespace {

/// Sets `best` to the indices of the best.size() highest scores, by descending score; equal scores are sorted
/// by ascending index.
void best_of(const float* scores, std::int64_t classes, std::vector<std::int64_t>& best) {
  const auto worse = [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; };
  const auto k = static_cast<std::int64_t>(best.size());
  for (std::int64_t c = 0; c < classes; ++c) {
    const std::int64_t filled = std::min(c, k);
    if (filled == k && !(scores[c] > scores[best.back()])) continue;
    const auto end = best.begin() + std::min(filled, k - 1);
    const auto place = std::upper_bound(best.begin(), end, c, worse);
    std::move_backward(place, end, end + 1);
    *place = c;
  }
}

std::int64_t present_in(const std::int8_t* labels, std::int64_t classes) {
  std::int64_t present = 0;
  for (std::int64_t c = 0; c < classes; ++c) present += static_cast<std::int64_t>(labels[c] == 1);
  return present;
}

F1 f1_of(std::int64_t hits, std::int64_t predicted, std::int64_t present) {
  if (hits == 0) return {};
  F1 result;
  result.precision = static_cast<double>(hits) / static_cast<double>(predicted);
  result.recall = static_cast<double>(hits) / static_cast<double>(present);
  result.f1 = 2.0 * result.precision * result.recall / (result.precision + result.recall);
  return result;
}

}  // namespace

F1 f1_at_k(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t k) {
  check_scores(scores, labels);
  const std::int64_t images = scores.size(0);
  const std::int64_t classes = scores.size(1);
  TORCH_CHECK_VALUE(k >= 1 && k <= classes, "k: expected 1 to ", classes, " (the number of classes), got ", k,
                    ". Choose another k.");
  const torch::Tensor values = scores.to(torch::kCPU, torch::kFloat32).contiguous();  // (N, C)
  const torch::Tensor known = labels.to(torch::kCPU, torch::kInt8).contiguous();      // (N, C)
  std::int64_t hits = 0;
  std::int64_t present = 0;
  std::vector<std::int64_t> best(static_cast<std::size_t>(k));
  for (std::int64_t i = 0; i < images; ++i) {
    best_of(values.const_data_ptr<float>() + i * classes, classes, best);
    const std::int8_t* row = known.const_data_ptr<std::int8_t>() + i * classes;
    present += present_in(row, classes);
    hits += std::count_if(best.begin(), best.end(), [&](std::int64_t c) { return row[c] == 1; });
  }
  return f1_of(hits, images * k, present);
}

}  // namespace mkt::metrics
