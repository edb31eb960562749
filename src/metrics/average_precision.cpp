#include "mkt/metrics/average_precision.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "metrics/class_columns.h"

namespace mkt::metrics {
namespace {

/// An image's position in a class's ranking: sorted by descending score, then by ascending image index.
struct Place {
  float score;
  std::int64_t image;

  bool operator<(const Place& other) const {
    return score != other.score ? score > other.score : image < other.image;
  }
};

/// A class's positives in ranking order, with fast lookup of any image's rank among them: a table over equal
/// score intervals, so narrow that few contain a positive, and a binary search within intervals that do.
class Positives {
 public:
  /// Replaces the contents by the positives among these images; returns false if there are none.
  bool find(const float* scores, const std::int8_t* labels, std::int64_t images) {
    places_.clear();
    for (std::int64_t i = 0; i < images; ++i) {
      if (labels[i] == 1) places_.push_back({scores[i], i});
    }
    if (places_.empty()) return false;
    std::sort(places_.begin(), places_.end());
    tabulate();
    return true;
  }

  std::size_t size() const { return places_.size(); }

  /// Returns the number of positives that rank before `image`.
  std::size_t before(float score, std::int64_t image) const {
    const std::size_t step = step_of(score);
    const std::size_t first = before_step_[step];
    const std::size_t last = before_step_[step + 1];
    if (first == last) return first;
    const auto begin = places_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = places_.begin() + static_cast<std::ptrdiff_t>(last);
    return first + static_cast<std::size_t>(std::lower_bound(begin, end, Place{score, image}) - begin);
  }

 private:
  static constexpr std::size_t kStepsPerPositive = 16;
  static constexpr std::size_t kMostSteps = std::size_t{1} << 14;

  void tabulate() {
    const std::size_t steps = std::min(kStepsPerPositive * places_.size(), kMostSteps);
    best_ = places_.front().score;
    last_step_ = static_cast<float>(steps - 1);
    steps_per_score_ = last_step_ / (best_ - places_.back().score);
    before_step_.assign(steps + 1, 0);
    for (const Place& place : places_) ++before_step_[step_of(place.score) + 1];
    for (std::size_t step = 0; step < steps; ++step) before_step_[step + 1] += before_step_[step];
  }

  /// Returns the index of the score's interval, 0 for the highest scores. A higher score never gets a higher
  /// index, because rounding is monotonic. NaN (from infinite scores, or if all scores are equal) gets index
  /// 0.
  std::size_t step_of(float score) const {
    const float steps = (best_ - score) * steps_per_score_;
    return static_cast<std::size_t>(static_cast<std::int32_t>(std::min(std::max(0.0F, steps), last_step_)));
  }

  std::vector<Place> places_;
  std::vector<std::uint32_t> before_step_;
  float best_ = 0;
  float last_step_ = 0;
  float steps_per_score_ = 0;
};

/// Buffers that a thread reuses for all its classes.
struct Workspace {
  Positives positives;
  std::vector<std::int64_t>
      negatives_before;  ///< number of negatives ranked between each positive and the previous one
};

/// Computes the average precision for one class. Only the positives are sorted; each negative is counted at
/// the first positive that it ranks before.
double precision_of_class(const float* scores, const std::int8_t* labels, std::int64_t images,
                          Workspace& workspace) {
  if (!workspace.positives.find(scores, labels, images)) return 0.0;
  const std::size_t positives = workspace.positives.size();
  auto& negatives_before = workspace.negatives_before;
  negatives_before.assign(positives + 1, 0);
  for (std::int64_t i = 0; i < images; ++i) {
    negatives_before[workspace.positives.before(scores[i], i)] += static_cast<std::int64_t>(labels[i] == -1);
  }
  double sum = 0.0;
  std::int64_t negatives = 0;
  for (std::size_t rank = 0; rank < positives; ++rank) {
    negatives += negatives_before[rank];
    const auto hits = static_cast<double>(rank + 1);
    sum += hits / (hits + static_cast<double>(negatives));
  }
  return sum / static_cast<double>(positives);
}

}  // namespace

torch::Tensor average_precision(const torch::Tensor& scores, const torch::Tensor& labels) {
  torch::Tensor result = torch::zeros({scores.dim() == 2 ? scores.size(1) : 0}, torch::kFloat64);
  auto* precisions = result.data_ptr<double>();
  each_class_group(scores, labels, [&](const ClassColumns& group) {
    Workspace workspace;
    for (std::int64_t c = 0; c < group.count; ++c) {
      precisions[group.first + c] =
          precision_of_class(group.scores_of(c), group.labels_of(c), group.images, workspace);
    }
  });
  return result;
}

}  // namespace mkt::metrics
