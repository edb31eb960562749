#include "train/loss_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mkt::train {
namespace {

using Action = StepVerdict::Action;

constexpr double kEqualScoresTolerance = 1e-6;
constexpr std::int64_t kEqualScoresSteps = 5;
/// Training is stuck if an epoch has at least kStuckSteps steps and its losses differ by at most kStuckShare
/// times the largest loss.
constexpr std::int64_t kStuckSteps = 10;
constexpr double kStuckShare = 1e-6;

}  // namespace

bool losses_are_finite(const StepResult& result) {
  return std::isfinite(result.rank_loss + result.dist_loss);
}

void LossWatch::begin_epoch() {
  steps_ = 0;
}

StepVerdict LossWatch::check(const StepResult& result, bool can_rescale) {
  if (result.images == 0) return {Action::kSkip, "no image with a present label, step skipped"};
  if (!losses_are_finite(result)) {
    return {Action::kFail,
            fmt::format("the loss is not finite (rank {:g}, dist {:g})", result.rank_loss, result.dist_loss)};
  }
  const bool finite = std::isfinite(result.gradient_norm);
  if (!finite && !can_rescale) return {Action::kFail, "the gradient is not finite"};

  const double loss = result.rank_loss + result.dist_loss;
  least_loss_ = steps_ == 0 ? loss : std::min(least_loss_, loss);
  greatest_loss_ = steps_ == 0 ? loss : std::max(greatest_loss_, loss);
  ++steps_;
  count_equal_scores(result.rank_loss);
  StepVerdict verdict{finite ? Action::kUpdate : Action::kSkip, ""};
  if (equal_scores_ == kEqualScoresSteps) {
    verdict.message = fmt::format(
        "the ranking loss has been {:g} for {} steps: all scores of an image are equal. Check that "
        "the label features belong to these labels and that the weights are complete.",
        *equal_scores_loss_, equal_scores_);
  }
  return verdict;
}

void LossWatch::count_equal_scores(double rank_loss) {
  if (!equal_scores_loss_) return;
  const double tolerance = kEqualScoresTolerance * std::max(1.0, *equal_scores_loss_);
  const bool equal = std::abs(rank_loss - *equal_scores_loss_) < tolerance;
  equal_scores_ = equal ? equal_scores_ + 1 : 0;
}

std::string LossWatch::stuck_loss() const {
  const bool moves = greatest_loss_ - least_loss_ > kStuckShare * std::abs(greatest_loss_);
  if (steps_ < kStuckSteps || moves) return "";
  return fmt::format(
      "the loss has not moved from {:g} in {} steps. Check that the learning rate is large enough and "
      "that the labels belong to these images.",
      greatest_loss_, steps_);
}

}  // namespace mkt::train
