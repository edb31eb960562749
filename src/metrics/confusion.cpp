#include "mkt/metrics/confusion.h"

#include "metrics/checks.h"

namespace mkt::metrics {

Confusion count_confusion(const torch::Tensor& scores, const torch::Tensor& labels) {
  check_scores(scores, labels);
  const torch::Tensor values = scores.to(torch::kCPU, torch::kFloat32).contiguous();
  const torch::Tensor truth = labels.to(torch::kCPU, torch::kInt8).contiguous();
  const std::int64_t classes = values.size(1);
  Confusion counts{torch::zeros({classes, classes}, torch::kInt64),
                   torch::zeros({classes, classes}, torch::kInt64)};
  auto* above = counts.above.data_ptr<std::int64_t>();
  auto* images = counts.images.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    const float* score = values.const_data_ptr<float>() + i * classes;
    const std::int8_t* label = truth.const_data_ptr<std::int8_t>() + i * classes;
    for (std::int64_t a = 0; a < classes; ++a) {
      if (label[a] != 1) continue;
      for (std::int64_t b = 0; b < classes; ++b) {
        if (label[b] != -1) continue;
        ++images[a * classes + b];
        if (score[b] > score[a]) ++above[a * classes + b];
      }
    }
  }
  return counts;
}

}  // namespace mkt::metrics
