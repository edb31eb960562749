#include "mkt/metrics/average_precision.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "checks.h"

namespace mkt::metrics {
namespace {

/// An image's place in a class's list: better score first, then the earlier image.
struct Place {
  float score;
  std::int64_t image;

  bool operator<(const Place& other) const {
    return score != other.score ? score > other.score : image < other.image;
  }
};

/// Only the positives are sorted; each negative then counts from the first positive that it stands before.
double precision_of_class(const float* scores, const std::int8_t* labels, std::int64_t images) {
  std::vector<Place> positives;
  for (std::int64_t i = 0; i < images; ++i) {
    if (labels[i] == 1) positives.push_back({scores[i], i});
  }
  if (positives.empty()) return 0.0;
  std::sort(positives.begin(), positives.end());
  std::vector<std::int64_t> negatives_before(positives.size() + 1, 0);
  for (std::int64_t i = 0; i < images; ++i) {
    if (labels[i] != -1) continue;
    const auto after = std::lower_bound(positives.begin(), positives.end(), Place{scores[i], i});
    ++negatives_before[static_cast<std::size_t>(after - positives.begin())];
  }
  double sum = 0.0;
  std::int64_t negatives = 0;
  for (std::size_t rank = 0; rank < positives.size(); ++rank) {
    negatives += negatives_before[rank];
    const auto hits = static_cast<double>(rank + 1);
    sum += hits / (hits + static_cast<double>(negatives));
  }
  return sum / static_cast<double>(positives.size());
}

}  // namespace

torch::Tensor average_precision(const torch::Tensor& scores, const torch::Tensor& labels) {
  check_scores(scores, labels);
  constexpr std::int64_t kClassesAtOnce = 64;  // bounds the transposed copy
  const std::int64_t images = scores.size(0);
  const std::int64_t classes = scores.size(1);
  torch::Tensor result = torch::zeros({classes}, torch::kFloat64);
  auto* precisions = result.data_ptr<double>();
  for (std::int64_t first = 0; first < classes; first += kClassesAtOnce) {
    const std::int64_t count = std::min(kClassesAtOnce, classes - first);
    const auto some = [&](const torch::Tensor& table, torch::ScalarType type) {
      return table.narrow(1, first, count).t().to(torch::kCPU, type).contiguous();  // (count, N)
    };
    const torch::Tensor some_scores = some(scores, torch::kFloat32);
    const torch::Tensor some_labels = some(labels, torch::kInt8);
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t c = begin; c < end; ++c) {
        precisions[first + c] =
            precision_of_class(some_scores.const_data_ptr<float>() + c * images,
                               some_labels.const_data_ptr<std::int8_t>() + c * images, images);
      }
    });
  }
  return result;
}

double mean_average_precision(const torch::Tensor& scores, const torch::Tensor& labels) {
  return average_precision(scores, labels).mean().item<double>();
}

}  // namespace mkt::metrics
