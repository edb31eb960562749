#include "mkt/metrics/average_precision.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/parallel.h"
#include "metrics/checks.h"
#include "metrics/class_columns.h"

namespace mkt::metrics {
namespace {

/// Position of an image in a class's ranking, or of a class in an image's: sorted by descending score, then
/// by ascending index.
struct Place {
  float score;
  std::int64_t item;

  bool operator<(const Place& other) const {
    return score != other.score ? score > other.score : item < other.item;
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

/// Ranks the annotated labels of one image and returns the average precision; nullopt if none is present.
/// `ranking` is a buffer.
std::optional<double> precision_of_image(const float* scores, const std::int8_t* labels, std::int64_t classes,
                                         std::vector<Place>& ranking) {
  ranking.clear();
  for (std::int64_t c = 0; c < classes; ++c) {
    if (labels[c] == 1 || labels[c] == -1) ranking.push_back({scores[c], c});
  }
  std::sort(ranking.begin(), ranking.end());
  double sum = 0.0;
  double hits = 0.0;
  for (std::size_t rank = 0; rank < ranking.size(); ++rank) {
    if (labels[ranking[rank].item] != 1) continue;
    hits += 1;
    sum += hits / static_cast<double>(rank + 1);
  }
  return hits == 0 ? std::nullopt : std::optional<double>(sum / hits);
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

double precision_per_image(const torch::Tensor& scores, const torch::Tensor& labels) {
  check_scores(scores, labels);
  constexpr std::int64_t kImagesAtOnce = 64;
  const torch::Tensor values = as_rows(scores, torch::kFloat32);  // (N, C)
  const torch::Tensor known = as_rows(labels, torch::kInt8);      // (N, C)
  const std::int64_t images = scores.size(0);
  std::vector<std::optional<double>> precisions(static_cast<std::size_t>(images));
  const std::int64_t blocks = (images + kImagesAtOnce - 1) / kImagesAtOnce;
  parallel_for(blocks, at::get_num_threads(), [&](std::int64_t block) {
    std::vector<Place> ranking;
    const std::int64_t end = std::min(images, (block + 1) * kImagesAtOnce);
    for (std::int64_t i = block * kImagesAtOnce; i < end; ++i) {
      precisions[static_cast<std::size_t>(i)] = precision_of_image(
          values.const_data_ptr<float>() + i * values.stride(0),
          known.const_data_ptr<std::int8_t>() + i * known.stride(0), scores.size(1), ranking);
    }
  });
  double sum = 0.0;
  std::int64_t counted = 0;
  for (const std::optional<double>& precision : precisions) {
    sum += precision.value_or(0);
    counted += static_cast<std::int64_t>(precision.has_value());
  }
  return counted == 0 ? 0.0 : sum / static_cast<double>(counted);
}

}  // namespace mkt::metrics
