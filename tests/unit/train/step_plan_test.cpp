#include "train/step_plan.h"

#include <gtest/gtest.h>

#include "support/message.h"

namespace mkt::train {
namespace {

TrainingOptions options_of(std::int64_t batch_size, std::int64_t accumulate) {
  TrainingOptions options{};
  options.batch_size = batch_size;
  options.accumulate = accumulate;
  return options;
}

TEST(StepPlan, TakesWholeStepsOfAllRanks) {
  const StepPlan plan = plan_steps(options_of(4, 2), 100, 3);
  EXPECT_EQ(plan.images_per_step(), 24);
  EXPECT_EQ(plan.steps_per_epoch, 4);
}

TEST(StepPlan, DealsAGlobalBatchToTheRanks) {
  TrainingOptions options = options_of(64, 2);
  options.global_batch_size = 24;
  const StepPlan plan = plan_steps(options, 100, 3);
  EXPECT_EQ(plan.batch_size, 4);
  EXPECT_EQ(plan.images_per_step(), 24);
}

TEST(StepPlan, RefusesAGlobalBatchThatRanksCannotShare) {
  TrainingOptions options = options_of(64, 2);
  options.global_batch_size = 25;
  const std::string message = test::message_of([&] { plan_steps(options, 100, 3); });
  EXPECT_NE(message.find("global-batch-size: expected a multiple of 6 (3 ranks"), std::string::npos)
      << message;
  EXPECT_NE(message.find("got 25"), std::string::npos) << message;
}

TEST(StepPlan, RefusesAStepLargerThanTheDataSet) {
  const std::string message = test::message_of([] { plan_steps(options_of(9, 1), 8, 1); });
  EXPECT_NE(message.find("batch-size: expected steps of at most 8 images"), std::string::npos) << message;
}

TEST(StepPlan, EndsAnEpochAtTheLimit) {
  TrainingOptions options = options_of(4, 1);
  options.limit_train_batches = 5;
  EXPECT_EQ(plan_steps(options, 100, 1).steps_per_epoch, 5);
  EXPECT_EQ(plan_steps(options, 12, 1).steps_per_epoch, 3);
}

}  // namespace
}  // namespace mkt::train
