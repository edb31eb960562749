#include "mkt/metrics/thresholds.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "metrics/checks.h"

namespace mkt::metrics {
namespace {

constexpr std::int64_t kParts = 5;
constexpr std::int64_t kScoresAtOnce = 1 << 20;  // limits the memory for temporary tensors
constexpr std::int64_t kLabelsAtOnce = 64;       // limits the memory for the transposed copy
constexpr double kRounding =
    1e-6;  // margin below the lowest score; exceeds rounding differences between batch sizes
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Calls `body` for consecutive batches of `rows` rows of `scores` and `labels`.
void in_pieces(std::int64_t rows, const torch::Tensor& scores, const torch::Tensor& labels,
               const std::function<void(const torch::Tensor&, const torch::Tensor&)>& body) {
  for (std::int64_t first = 0; first < scores.size(0); first += rows)
    body(scores.slice(0, first, first + rows), labels.slice(0, first, first + rows));
}

/// Returns, for each score in positives (P, ascending), the number of negatives that score at least as high.
torch::Tensor negatives_above(const torch::Tensor& positives, const torch::Tensor& scores,
                              const torch::Tensor& labels) {
  const std::int64_t count = positives.size(0);
  torch::Tensor places =
      torch::zeros({count + 1}, torch::kInt64);  // entry k: negatives that score ≥ exactly k positives
  in_pieces(kScoresAtOnce, scores, labels,
            [&](const torch::Tensor& some_scores, const torch::Tensor& some_labels) {
              const torch::Tensor negatives = some_scores.masked_select(some_labels.eq(-1));
              const torch::Tensor reached =
                  torch::searchsorted(positives, negatives, /*out_int32=*/false, /*right=*/true);
              places += torch::bincount(reached, {}, count + 1);
            });
  return places.sum() - places.cumsum(0).slice(0, 0, count);
}

double greatest_below(double limit, const torch::Tensor& scores, const torch::Tensor& labels) {
  double greatest = -kInfinity;
  in_pieces(
      kScoresAtOnce, scores, labels, [&](const torch::Tensor& some_scores, const torch::Tensor& some_labels) {
        const torch::Tensor below = some_scores.masked_select(some_labels.ne(0) & some_scores.lt(limit));
        if (below.numel() > 0) greatest = std::max(greatest, below.max().item<double>());
      });
  return greatest;
}

/// Returns the threshold with the highest F1 for scores (M) float32 and labels (M); infinity if no label
/// is 1. The best threshold is just below the score of a positive, because each additional true positive
/// raises F1 and each additional false positive lowers it. Therefore only the positives are sorted.
double best_threshold(const torch::Tensor& scores, const torch::Tensor& labels) {
  const torch::Tensor positives = std::get<0>(scores.masked_select(labels.eq(1)).sort());  // (P)
  const std::int64_t count = positives.size(0);
  if (count == 0) return kInfinity;
  const torch::Tensor hits =
      torch::arange(count, 0, -1, torch::kFloat64);  // (P): true positives; for ties, the first entry counts
  const torch::Tensor f1 = 2 * hits / (hits + negatives_above(positives, scores, labels) + count);
  const std::int64_t best = f1.eq(f1.max()).nonzero().max().item<std::int64_t>();
  const auto lowest = positives[best].item<double>();  // lowest score above the threshold
  const double next = greatest_below(lowest, scores, labels);
  return next == -kInfinity ? lowest - kRounding : lowest + (next - lowest) / 2;
}

/// Fitted thresholds: one per label, and one common to all labels.
struct Thresholds {
  torch::Tensor per_label;  // (C) float64
  torch::Tensor for_all;    // (1) float64
};

Thresholds fit(const torch::Tensor& scores, const torch::Tensor& labels) {
  const std::int64_t classes = scores.size(1);
  const double for_all = best_threshold(scores.flatten(), labels.flatten());
  torch::Tensor per_label = torch::empty({classes}, torch::kFloat64);
  for (std::int64_t first = 0; first < classes; first += kLabelsAtOnce) {
    const std::int64_t count = std::min(kLabelsAtOnce, classes - first);
    const torch::Tensor some_scores = scores.narrow(1, first, count).t().contiguous();  // (count, N)
    const torch::Tensor some_labels = labels.narrow(1, first, count).t().contiguous();
    for (std::int64_t c = 0; c < count; ++c)
      per_label[first + c] = best_threshold(some_scores[c], some_labels[c]);
  }
  per_label.masked_fill_(per_label.isinf(), for_all);
  return {per_label, torch::full({1}, for_all, torch::kFloat64)};
}

/// Counts per label, (3, C) int64: true positives, predicted positives, actual positives.
torch::Tensor count_choices(const torch::Tensor& scores, const torch::Tensor& labels,
                            const torch::Tensor& thresholds) {
  torch::Tensor counts = torch::zeros({3, scores.size(1)}, torch::kInt64);
  const std::int64_t rows =
      std::max<std::int64_t>(1, kScoresAtOnce / std::max<std::int64_t>(1, scores.size(1)));
  in_pieces(rows, scores, labels, [&](const torch::Tensor& some_scores, const torch::Tensor& some_labels) {
    const torch::Tensor chosen = some_scores.ge(thresholds) & some_labels.ne(0);  // compared as float64
    const torch::Tensor positive = some_labels.eq(1);
    counts += torch::stack({(chosen & positive).sum(0), chosen.sum(0), positive.sum(0)});
  });
  return counts;
}

ThresholdF1 f1_of(const torch::Tensor& counts) {
  const torch::Tensor positives = counts[2];  // (C)
  const torch::Tensor f1 = 2 * counts[0].to(torch::kFloat64) / (counts[1] + positives).clamp_min(1);
  const torch::Tensor totals = counts.sum(1).to(torch::kFloat64);  // (3)
  return {(2 * totals[0] / (totals[1] + totals[2]).clamp_min(1)).item<double>(),
          f1.masked_select(positives.gt(0)).mean().item<double>()};
}

/// Runs 5-fold cross-validation: fits thresholds to four fifths of the images and applies them to the other
/// fifth. During fitting, the labels of the other fifth are set to 0.
void cross_check(const torch::Tensor& scores, const torch::Tensor& labels, FittedThresholds& result) {
  torch::Tensor per_label = torch::zeros({3, scores.size(1)}, torch::kInt64);
  torch::Tensor for_all = torch::zeros_like(per_label);
  for (std::int64_t part = 0; part < std::min(kParts, scores.size(0)); ++part) {
    torch::Tensor others = labels.clone();
    others.slice(0, part, labels.size(0), kParts).zero_();
    const Thresholds fitted = fit(scores, others);
    const torch::Tensor part_scores = scores.slice(0, part, scores.size(0), kParts);
    const torch::Tensor part_labels = labels.slice(0, part, labels.size(0), kParts);
    per_label += count_choices(part_scores, part_labels, fitted.per_label);
    for_all += count_choices(part_scores, part_labels, fitted.for_all);
  }
  result.per_label_cross = f1_of(per_label);
  result.for_all_cross = f1_of(for_all);
}

}  // namespace

ThresholdF1 threshold_f1(const torch::Tensor& scores, const torch::Tensor& labels,
                         const torch::Tensor& thresholds) {
  check_scores(scores, labels);
  return f1_of(count_choices(scores, labels, thresholds));
}

FittedThresholds fit_thresholds(const torch::Tensor& all_scores, const torch::Tensor& all_labels) {
  check_scores(all_scores, all_labels);
  const torch::Tensor scores = all_scores.to(torch::kCPU, torch::kFloat32);
  const torch::Tensor labels = all_labels.to(torch::kCPU, torch::kInt8);
  TORCH_CHECK_VALUE(scores.size(0) > 1, "thresholds: expected at least two images to fit to, got ",
                    scores.size(0), ". Score more images.");
  TORCH_CHECK_VALUE(labels.eq(1).any().item<bool>(),
                    "thresholds: expected images that have a label, got none. Check the annotations.");
  const Thresholds fitted = fit(scores, labels);
  FittedThresholds result;
  result.per_label = fitted.per_label;
  result.for_all = fitted.for_all.item<double>();
  result.per_label_f1 = threshold_f1(scores, labels, fitted.per_label);
  result.for_all_f1 = threshold_f1(scores, labels, fitted.for_all);
  cross_check(scores, labels, result);
  return result;
}

}  // namespace mkt::metrics
