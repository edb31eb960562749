#include "optim/loss_scaler.h"

#include <gtest/gtest.h>

namespace mkt::optim {
namespace {

TEST(LossScaler, HalvesOnAnOverflow) {
  LossScaler scaler(true);
  const double factor = scaler.factor();
  EXPECT_GT(factor, 1);
  scaler.update(false);
  EXPECT_EQ(scaler.factor(), factor / 2);
}

TEST(LossScaler, GrowsAfterManyGoodStepsInARow) {
  LossScaler scaler(true);
  const double factor = scaler.factor();
  for (int step = 0; step < 1999; ++step) scaler.update(true);
  EXPECT_EQ(scaler.factor(), factor);
  scaler.update(true);
  EXPECT_EQ(scaler.factor(), 2 * factor);
}

TEST(LossScaler, ContinuesFromItsState) {
  LossScaler scaler(true);
  scaler.load_state({{"factor", 8.0}, {"good_steps", 1999}});
  scaler.update(true);
  EXPECT_EQ(scaler.factor(), 16);
}

TEST(LossScaler, CanShrinkDownToTheFactorAtWhichOverflowsHaveAnotherCause) {
  LossScaler scaler(true);
  int halvings = 0;
  for (; scaler.can_shrink() && halvings < 100; ++halvings) scaler.update(false);
  EXPECT_EQ(halvings, 26);  // 65536 / 2^26 is the first factor below 1e-3
  EXPECT_FALSE(LossScaler(false).can_shrink());
}

TEST(LossScaler, StaysOneIfDisabled) {
  const LossScaler scaler(false);
  EXPECT_EQ(scaler.factor(), 1);
}

}  // namespace
}  // namespace mkt::optim
