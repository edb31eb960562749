#include "mkt/metrics/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mkt/core/random.h"
#include "support/message.h"

namespace mkt::metrics {
namespace {

struct Drawn {
  torch::Tensor scores;  // (N, C)
  torch::Tensor labels;  // (N, C)
};

/// Draws scores from low to high, and labels present with probability 1 / (1 + exp(−(slope · score +
/// intercept))).
Drawn draw(std::int64_t images, double low, double high, const Calibration& truth) {
  constexpr std::int64_t kLabels = 10;
  Drawn drawn{torch::empty({images, kLabels}), torch::empty({images, kLabels}, torch::kInt8)};
  KeyedRandom random({5});
  auto* scores = drawn.scores.data_ptr<float>();
  auto* labels = drawn.labels.data_ptr<std::int8_t>();
  for (std::int64_t i = 0; i < drawn.scores.numel(); ++i) {
    scores[i] = static_cast<float>(random.uniform(low, high));
    labels[i] = random.uniform() < truth.probability(static_cast<double>(scores[i])) ? 1 : -1;
  }
  return drawn;
}

TEST(Calibration, FindsTheParametersThatLabelsWereDrawnWith) {
  const Calibration truth{40, -11};
  const Drawn drawn = draw(20000, 0.1, 0.4, truth);  // a range like that of CLIP's cosines
  const FittedCalibration fitted = fit_calibration(drawn.scores, drawn.labels);
  EXPECT_NEAR(fitted.calibration.slope, truth.slope, 0.6);
  EXPECT_NEAR(fitted.calibration.intercept, truth.intercept, 0.2);
  EXPECT_LT(fitted.error_after, 0.005);
  EXPECT_GT(fitted.error_before, 0.1);
}

TEST(Calibration, OfProbabilitiesIsNearlyTheIdentityOfLogits) {
  Drawn drawn = draw(20000, -3, 3, {1, 0});
  drawn.scores = torch::sigmoid(drawn.scores);
  const FittedCalibration fitted = fit_calibration(drawn.scores, drawn.labels);
  EXPECT_LT(fitted.error_before, 0.01);  // the scores are probabilities already
  EXPECT_NEAR(fitted.calibration.probability(0.5), 0.5, 0.02);
}

TEST(Calibration, IgnoresPairsThatAreNotAnnotated) {
  Drawn drawn = draw(500, -1, 1, {3, -1});
  const FittedCalibration few = fit_calibration(drawn.scores.slice(0, 0, 250), drawn.labels.slice(0, 0, 250));
  drawn.labels.slice(0, 250).zero_();
  const FittedCalibration all = fit_calibration(drawn.scores, drawn.labels);
  EXPECT_NEAR(all.calibration.slope, few.calibration.slope, 1e-3);
  EXPECT_NEAR(all.calibration.intercept, few.calibration.intercept, 1e-3);
}

TEST(Calibration, StaysFiniteIfScoresSeparateTheLabels) {
  const torch::Tensor scores = torch::tensor({{0.1, 0.9}, {0.2, 0.8}, {0.1, 0.7}});
  const torch::Tensor labels = torch::tensor({{-1, 1}, {-1, 1}, {-1, 1}}, torch::kInt8);
  const Calibration made = fit_calibration(scores, labels).calibration;
  EXPECT_TRUE(std::isfinite(made.slope) && std::isfinite(made.intercept));
  EXPECT_GT(made.probability(0.9), 0.7);
  EXPECT_LT(made.probability(0.1), 0.3);
}

TEST(Calibration, OfEqualScoresIsTheShareOfPresentLabels) {
  const torch::Tensor labels = torch::tensor({{1, -1, -1, -1}}, torch::kInt8).repeat({100, 1});
  const FittedCalibration fitted = fit_calibration(torch::full({100, 4}, 0.3), labels);
  EXPECT_NEAR(fitted.calibration.probability(0.3), 0.25, 0.01);
  EXPECT_LT(fitted.error_after, 0.01);
}

TEST(Calibration, RefusesWhatCannotBeFitted) {
  using test::message_of;
  const torch::Tensor labels = torch::ones({3, 2}, torch::kInt8);
  EXPECT_EQ(message_of([&] {
              fit_calibration(torch::rand({3, 2}), labels);
            }),
            "calibration: expected labels that are absent in an image, got none. Check the annotations.");
  EXPECT_EQ(message_of([&] {
              fit_calibration(torch::rand({3, 2}), -labels);
            }),
            "calibration: expected labels that are present in an image, got none. Check the annotations.");
  const torch::Tensor infinite = torch::full({3, 2}, std::numeric_limits<float>::infinity());
  const torch::Tensor mixed = torch::tensor({{1, -1}, {1, -1}, {1, -1}}, torch::kInt8);
  EXPECT_EQ(message_of([&] { fit_calibration(infinite, mixed); }),
            "scores: expected finite numbers, got others. Check the weights.");
}

}  // namespace
}  // namespace mkt::metrics
