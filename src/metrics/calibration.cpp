#include "mkt/metrics/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "metrics/checks.h"

namespace mkt::metrics {
namespace {

constexpr std::int64_t kFolds = 5;
constexpr std::int64_t kBins = 1 << 13;         // of scores, to fit to
constexpr std::int64_t kErrorBins = 15;         // of probabilities, for the calibration error
constexpr std::int64_t kPairsAtOnce = 1 << 20;  // limits the memory for temporary tensors

/// Numbers of present and of absent pairs per bin of scores: (kBins) float64 each.
struct Counts {
  torch::Tensor present;
  torch::Tensor absent;
};

/// Equal-width bins over the scores' range.
struct Bins {
  double low = 0;
  double width = 1;

  torch::Tensor centres() const {
    return low + width * (torch::arange(kBins, torch::kFloat64) + 0.5);  // (kBins)
  }
  torch::Tensor of(const torch::Tensor& scores) const {
    return ((scores.to(torch::kFloat64) - low) / width).to(torch::kInt64).clamp(0, kBins - 1);
  }
};

Bins bins_of(const torch::Tensor& scores) {
  const double low = scores.min().item<double>();
  const double high = scores.max().item<double>();
  TORCH_CHECK_VALUE(std::isfinite(low) && std::isfinite(high),
                    "scores: expected finite numbers, got others. Check the weights.");
  return {low, std::max(high - low, std::numeric_limits<double>::min() * kBins) / kBins};
}

/// Counts the annotated pairs of the rows first, first + kFolds, …
Counts count(const torch::Tensor& scores, const torch::Tensor& labels, const Bins& bins, std::int64_t first) {
  Counts counts{torch::zeros({kBins}, torch::kFloat64), torch::zeros({kBins}, torch::kFloat64)};
  const std::int64_t rows = std::max<std::int64_t>(1, kPairsAtOnce / scores.size(1)) * kFolds;
  for (std::int64_t start = first; start < scores.size(0); start += rows) {
    const torch::Tensor some = bins.of(scores.slice(0, start, start + rows, kFolds));
    const torch::Tensor truth = labels.slice(0, start, start + rows, kFolds);
    counts.present += torch::bincount(some.masked_select(truth.eq(1)), {}, kBins);
    counts.absent += torch::bincount(some.masked_select(truth.eq(-1)), {}, kBins);
  }
  return counts;
}

torch::Tensor probabilities(const Calibration& calibration, const torch::Tensor& scores) {
  return torch::sigmoid(calibration.slope * scores + calibration.intercept);
}

/// The regularised fit: present pairs count (P + 1) / (P + 2) present, absent ones 1 / (N + 2), which keeps
/// the slope finite if the scores separate them.
class Fit {
 public:
  Fit(const Counts& counts, const torch::Tensor& scores) : scores_(scores) {
    const double present = counts.present.sum().item<double>();
    const double absent = counts.absent.sum().item<double>();
    total_ = counts.present + counts.absent;
    positive_ = counts.present * ((present + 1) / (present + 2)) + counts.absent / (absent + 2);
    scale_ = std::max(scores.abs().max().item<double>(), std::numeric_limits<double>::min());
    place_ = {0, std::log((present + 1) / (absent + 1))};
  }

  Calibration run() {
    constexpr int kMostSteps = 200;
    constexpr double kLeastGain = 1e-12;
    double loss = loss_at(place_);
    for (int step = 0; step < kMostSteps; ++step) {
      const double before = loss;
      if (!move(loss) || before - loss < kLeastGain * (std::abs(loss) + 1)) break;
    }
    return place_;
  }

 private:
  /// Cross-entropy, from logits so that large ones do not overflow.
  double loss_at(const Calibration& at) const {
    const torch::Tensor logits = at.slope * scores_ + at.intercept;
    return (total_ * torch::softplus(logits) - positive_ * logits).sum().item<double>();
  }

  /// Takes one Newton step, halved until the loss falls. Returns false if it does not.
  bool move(double& loss) {
    const torch::Tensor p = probabilities(place_, scores_);
    const torch::Tensor slope = total_ * p - positive_;
    const torch::Tensor curve = total_ * p * (1 - p);
    const double ridge = 1e-12 * total_.sum().item<double>() * scale_ * scale_;
    const double g1 = (slope * scores_).sum().item<double>();
    const double g2 = slope.sum().item<double>();
    const double h11 = (curve * scores_ * scores_).sum().item<double>() + ridge;
    const double h12 = (curve * scores_).sum().item<double>();
    const double h22 = curve.sum().item<double>() + ridge / (scale_ * scale_);
    const double determinant = h11 * h22 - h12 * h12;
    const double d1 = -(h22 * g1 - h12 * g2) / determinant;
    const double d2 = -(h11 * g2 - h12 * g1) / determinant;
    for (double length = 1; length > 1e-10; length /= 2) {
      const Calibration next{place_.slope + length * d1, place_.intercept + length * d2};
      const double there = loss_at(next);
      if (!(there < loss)) continue;
      place_ = next;
      loss = there;
      return true;
    }
    return false;
  }

  torch::Tensor scores_;    // (kBins), the bins' centres
  torch::Tensor total_;     // (kBins), annotated pairs
  torch::Tensor positive_;  // (kBins), expected present pairs
  double scale_ = 1;
  Calibration place_;
};

/// Sums of pairs, of present ones and of probabilities per bin of the calibration error: (3, kErrorBins).
torch::Tensor error_sums(const Counts& counts, const torch::Tensor& probability) {
  const torch::Tensor bin = (probability * kErrorBins).to(torch::kInt64).clamp(0, kErrorBins - 1);
  const torch::Tensor pairs = counts.present + counts.absent;
  torch::Tensor sums = torch::zeros({3, kErrorBins}, torch::kFloat64);
  sums[0].index_add_(0, bin, pairs);
  sums[1].index_add_(0, bin, counts.present);
  sums[2].index_add_(0, bin, pairs * probability);
  return sums;
}

double error_of(const torch::Tensor& sums) {
  return ((sums[1] - sums[2]).abs().sum() / sums[0].sum().clamp_min(1)).item<double>();
}

}  // namespace

double Calibration::probability(double score) const {
  return 1 / (1 + std::exp(-(slope * score + intercept)));
}

FittedCalibration fit_calibration(const torch::Tensor& all_scores, const torch::Tensor& all_labels) {
  check_scores(all_scores, all_labels);
  const torch::NoGradGuard no_grad;
  const torch::Tensor scores = all_scores.to(torch::kCPU);
  const torch::Tensor labels = all_labels.to(torch::kCPU);
  for (const int sign : {1, -1}) {
    TORCH_CHECK_VALUE(labels.eq(sign).any().item<bool>(), "calibration: expected labels that are ",
                      sign == 1 ? "present" : "absent", " in an image, got none. Check the annotations.");
  }
  const Bins bins = bins_of(scores);
  const torch::Tensor centres = bins.centres();
  std::vector<Counts> folds;
  Counts all{torch::zeros({kBins}, torch::kFloat64), torch::zeros({kBins}, torch::kFloat64)};
  for (std::int64_t fold = 0; fold < kFolds; ++fold) {
    folds.push_back(count(scores, labels, bins, fold));
    all.present += folds.back().present;
    all.absent += folds.back().absent;
  }
  torch::Tensor after = torch::zeros({3, kErrorBins}, torch::kFloat64);
  for (const Counts& held_out : folds) {
    const Counts others{all.present - held_out.present, all.absent - held_out.absent};
    after += error_sums(held_out, probabilities(Fit(others, centres).run(), centres));
  }
  return {Fit(all, centres).run(), error_of(error_sums(all, centres.clamp(0, 1))), error_of(after)};
}

}  // namespace mkt::metrics
