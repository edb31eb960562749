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

/// Counts hits and predictions over images, for several k.
class HitCounts {
 public:
  explicit HitCounts(const F1Options& options)
      : options_(options),
        best_(static_cast<std::size_t>(*std::max_element(options.k.begin(), options.k.end()))),
        hits_(options.k.size()) {}

  void add(const float* scores, const std::int8_t* labels, std::int64_t classes) {
    const std::int64_t present = present_in(labels, classes);
    if (present == 0 && options_.only_images_with_positives) return;
    ++images_;
    present_ += present;
    best_of(scores, classes, best_);
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      const auto end = best_.begin() + options_.k[i];
      hits_[i] += std::count_if(best_.begin(), end, [&](std::int64_t c) { return labels[c] == 1; });
    }
  }

  std::vector<F1> values() const {
    std::vector<F1> values;
    for (std::size_t i = 0; i < hits_.size(); ++i)
      values.push_back(f1_of(hits_[i], images_ * options_.k[i], present_));
    return values;
  }

 private:
  const F1Options& options_;
  std::vector<std::int64_t> best_;  // the labels predicted for one image, for the largest k
  std::vector<std::int64_t> hits_;
  std::int64_t images_ = 0;
  std::int64_t present_ = 0;
};

/// Returns the indices of the counted classes.
std::vector<std::int64_t> counted_classes(const torch::Tensor& counted, std::int64_t classes) {
  TORCH_CHECK_VALUE(counted.scalar_type() == torch::kBool && counted.dim() == 1 && counted.size(0) == classes,
                    "classes: expected ", classes, " truth values, got ", counted.scalar_type(), " ",
                    counted.sizes(), ". Give one per class.");
  const torch::Tensor chosen = counted.cpu().nonzero().flatten();
  return {chosen.const_data_ptr<std::int64_t>(), chosen.const_data_ptr<std::int64_t>() + chosen.numel()};
}

void check_k(const std::vector<std::int64_t>& all, std::int64_t classes) {
  TORCH_CHECK_VALUE(!all.empty(), "k: expected at least one number, got none. Give one.");
  for (const std::int64_t k : all) {
    TORCH_CHECK_VALUE(k >= 1 && k <= classes, "k: expected 1 to ", classes, " (the number of classes), got ",
                      k, ". Choose another k.");
  }
}

/// Calls `use` with the scores and labels of each image, in all classes.
template <typename Use>
void each_image(const torch::Tensor& scores, const torch::Tensor& labels, Use use) {
  const torch::Tensor values = as_rows(scores, torch::kFloat32);  // (N, C)
  const torch::Tensor known = as_rows(labels, torch::kInt8);      // (N, C)
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    use(values.const_data_ptr<float>() + i * values.stride(0),
        known.const_data_ptr<std::int8_t>() + i * known.stride(0));
  }
}

}  // namespace

F1 f1_at_k(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t k) {
  return f1_at_k(scores, labels, F1Options{{k}}).front();
}

std::vector<F1> f1_at_k(const torch::Tensor& scores, const torch::Tensor& labels, const F1Options& options) {
  check_scores(scores, labels);
  const std::int64_t classes = scores.size(1);
  if (!options.classes.defined()) {
    check_k(options.k, classes);
    HitCounts counts(options);
    each_image(scores, labels,
               [&](const float* values, const std::int8_t* known) { counts.add(values, known, classes); });
    return counts.values();
  }
  const std::vector<std::int64_t> chosen = counted_classes(options.classes, classes);
  check_k(options.k, static_cast<std::int64_t>(chosen.size()));
  HitCounts counts(options);
  std::vector<float> chosen_scores(chosen.size());
  std::vector<std::int8_t> chosen_labels(chosen.size());
  each_image(scores, labels, [&](const float* values, const std::int8_t* known) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      chosen_scores[i] = values[chosen[i]];
      chosen_labels[i] = known[chosen[i]];
    }
    counts.add(chosen_scores.data(), chosen_labels.data(), static_cast<std::int64_t>(chosen.size()));
  });
  return counts.values();
}

}  // namespace mkt::metrics
