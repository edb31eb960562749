#include "train/loss_watch.h"

#include <gtest/gtest.h>

#include <limits>

namespace mkt::train {
namespace {

using Action = StepVerdict::Action;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

StepResult step(double rank_loss, double gradient_norm = 1) {
  StepResult result;
  result.rank_loss = rank_loss;
  result.images = 4;
  result.gradient_norm = gradient_norm;
  return result;
}

/// Checks `steps` identical steps; returns the last verdict.
StepVerdict last_of(LossWatch& watch, const StepResult& result, int steps) {
  StepVerdict verdict;
  for (int i = 0; i < steps; ++i) verdict = watch.check(result, false);
  return verdict;
}

TEST(LossWatch, LetsFiniteStepsPass) {
  LossWatch watch(1.0);
  const StepVerdict verdict = watch.check(step(0.5), false);
  EXPECT_EQ(verdict.action, Action::kUpdate);
  EXPECT_EQ(verdict.message, "");
}

TEST(LossWatch, SkipsAStepWithoutImages) {
  LossWatch watch(1.0);
  StepResult nothing = step(kNaN, kNaN);  // the mean over no images is NaN
  nothing.images = 0;
  const StepVerdict verdict = watch.check(nothing, false);
  EXPECT_EQ(verdict.action, Action::kSkip);
  EXPECT_EQ(verdict.message, "no image with a present label, step skipped");
}

TEST(LossWatch, FailsOnALossThatIsNotFinite) {
  LossWatch watch(1.0);
  StepResult result = step(0.5);
  result.dist_loss = kInf;
  EXPECT_FALSE(losses_are_finite(result));
  const StepVerdict verdict = watch.check(result, /*can_rescale=*/true);  // rescaling cannot make it finite
  EXPECT_EQ(verdict.action, Action::kFail);
  EXPECT_EQ(verdict.message, "the loss is not finite (rank 0.5, dist inf)");
}

TEST(LossWatch, FailsOnAGradientThatIsNotFiniteUnlessTheScaleCanShrink) {
  LossWatch watch(1.0);
  EXPECT_EQ(watch.check(step(0.5, kInf), /*can_rescale=*/true).action, Action::kSkip);
  const StepVerdict verdict = watch.check(step(0.5, kNaN), /*can_rescale=*/false);
  EXPECT_EQ(verdict.action, Action::kFail);
  EXPECT_EQ(verdict.message, "the gradient is not finite");
  EXPECT_TRUE(losses_are_finite(step(0.5, kNaN)));
}

TEST(LossWatch, WarnsOnceOfFiveStepsInARowWithEqualScores) {
  LossWatch watch(1.0);
  EXPECT_EQ(last_of(watch, step(1), 4).message, "");
  EXPECT_EQ(last_of(watch, step(0.9), 1).message, "");  // a different loss resets the count
  EXPECT_EQ(last_of(watch, step(1), 4).message, "");
  const StepVerdict fifth = watch.check(step(1 + 1e-7), false);
  EXPECT_EQ(fifth.action, Action::kUpdate);
  EXPECT_NE(fifth.message.find("the ranking loss has been 1 for 5 steps"), std::string::npos)
      << fifth.message;
  EXPECT_EQ(last_of(watch, step(1), 20).message, "");
}

TEST(LossWatch, WarnsOfTheConstantOfItsLoss) {
  const double log2 = 0.6931471805599453;
  LossWatch smooth(log2);
  EXPECT_EQ(last_of(smooth, step(1), 9).message, "") << "1 is the ranking loss's constant";
  const std::string message = last_of(smooth, step(static_cast<float>(log2)), 5).message;
  EXPECT_NE(message.find("the ranking loss has been 0.693147 for 5 steps: all scores of an image are equal"),
            std::string::npos)
      << message;
  LossWatch wide(50.0);
  EXPECT_NE(last_of(wide, step(50.00001), 5).message, "");
  LossWatch none(std::nullopt);
  EXPECT_EQ(last_of(none, step(1), 20).message, "");
  EXPECT_NE(none.stuck_loss(), "");
}

TEST(LossWatch, CountsEqualScoresAcrossEpochs) {
  LossWatch watch(1.0);
  last_of(watch, step(1), 3);
  watch.begin_epoch();
  EXPECT_NE(last_of(watch, step(1), 2).message, "");
}

TEST(LossWatch, ReportsALossThatDoesNotMoveInAnEpoch) {
  LossWatch watch(1.0);
  last_of(watch, step(0.25), 9);
  EXPECT_EQ(watch.stuck_loss(), "") << "nine steps are too few to tell";
  last_of(watch, step(0.25 + 1e-8), 1);
  EXPECT_NE(watch.stuck_loss().find("the loss has not moved from 0.25 in 10 steps"), std::string::npos)
      << watch.stuck_loss();
  watch.begin_epoch();
  EXPECT_EQ(watch.stuck_loss(), "");
  last_of(watch, step(0.25), 9);
  last_of(watch, step(0.24), 1);
  EXPECT_EQ(watch.stuck_loss(), "");
}

TEST(LossWatch, JudgesTheSumOfBothLossesAsStuck) {
  LossWatch watch(1.0);
  for (int i = 0; i < 12; ++i) {
    StepResult result = step(0.5);
    result.dist_loss = 0.01 * i;
    watch.check(result, false);
  }
  EXPECT_EQ(watch.stuck_loss(), "");
}

TEST(LossWatch, IgnoresStepsWithoutImagesInTheStuckLoss) {
  LossWatch watch(1.0);
  StepResult nothing = step(kNaN);
  nothing.images = 0;
  last_of(watch, nothing, 5);
  last_of(watch, step(0.25), 9);
  EXPECT_EQ(watch.stuck_loss(), "");
}

}  // namespace
}  // namespace mkt::train
