#include "train/step_log.h"

#include <gtest/gtest.h>

#include <limits>

namespace mkt::train {
namespace {

using Names = std::vector<std::string>;

const Names& image_names() {
  static const Names names = {"a.jpg", "b.jpg", "c.jpg", "d.jpg"};
  return names;
}

StepResult result_of(double rank_loss, double dist_loss, std::int64_t images) {
  StepResult result;
  result.rank_loss = rank_loss;
  result.dist_loss = dist_loss;
  result.images = images;
  result.gradient_norm = 2;
  return result;
}

TEST(StepLog, RecordsAStepOfStage1) {
  StepLog log(image_names(), /*has_distillation=*/true);
  log.begin_epoch(3);
  EXPECT_EQ(log.add_step(result_of(0.5, 0.25, 4), 7, 0.001).dump(),
            R"({"kind":"step","epoch":3,"step":7,"rank_loss":0.5,"dist_loss":0.25,"lr":0.001,)"
            R"("gradient_norm":2.0,"images":4})");
}

TEST(StepLog, RecordsAStepOfStage2WithoutDistillation) {
  StepLog log(image_names(), /*has_distillation=*/false);
  EXPECT_EQ(log.add_step(result_of(0.5, 0, 4), 0, 0.5).dump(),
            R"({"kind":"step","epoch":0,"step":0,"rank_loss":0.5,"lr":0.5,"gradient_norm":2.0,"images":4})");
}

TEST(StepLog, SumsAnEpochAndRecordsItsMeans) {
  StepLog log(image_names(), true);
  log.begin_epoch(1);
  log.add_step(result_of(0.5, 0.25, 4), 0, 0.1);
  log.add_step(result_of(0.25, 0.75, 3), 1, 0.1);
  EXPECT_EQ(log.sums().rank_loss, 0.75);
  EXPECT_EQ(log.sums().dist_loss, 1);
  EXPECT_EQ(log.sums().steps, 2);
  EXPECT_EQ(log.sums().images, 7);
  const EpochFacts facts{0.05, 2, 0.5, 0.25, 512, "run/model_1.pth"};
  EXPECT_EQ(
      log.epoch_record(facts).dump(),
      R"({"kind":"epoch","epoch":1,"rank_loss":0.375,"dist_loss":0.5,"lr":0.05,"images":7,)"
      R"("images_per_second":3.5,"waited_seconds":0.5,"saved_seconds":0.25,"memory_mib":512.0,"checkpoint":"run/model_1.pth"})");
  EXPECT_EQ(
      log.epoch_text(facts),
      "epoch 1: loss 0.8750, 3.5 images/s, 25 % of the time waiting for images, checkpoint run/model_1.pth");
}

TEST(StepLog, ContinuesTheSumsOfAResumedEpoch) {
  StepLog log(image_names(), true);
  log.begin_epoch(2, {0.5, 0.25, 1, 4});
  log.add_step(result_of(0.25, 0.5, 3), 1, 0.1);
  const auto record = log.epoch_record({0.1, 1, 0, 0, 0, ""});
  EXPECT_EQ(record["rank_loss"], 0.375);
  EXPECT_EQ(record["images"], 7);
  EXPECT_EQ(record["images_per_second"], 3) << "the earlier process has its own time";
  log.begin_epoch(3);
  EXPECT_EQ(log.sums().steps, 0);
  EXPECT_EQ(log.sums().rank_loss, 0);
}

TEST(StepLog, ShowsMeanLossAndRateAsProgress) {
  StepLog log(image_names(), true);
  EXPECT_EQ(log.progress_text(0.001), "loss 0.0000, lr 0.001") << "no step has images yet";
  log.add_step(result_of(0.5, 0.25, 4), 0, 0.1);
  log.add_step(result_of(0.25, 0.25, 4), 1, 0.1);
  EXPECT_EQ(log.progress_text(1.25e-7), "loss 0.6250, lr 1.25e-07");
}

TEST(StepLog, NamesTheImagesOfAStep) {
  StepLog log(image_names(), true);
  log.begin_step();
  log.add_batch(torch::tensor(1.0), {0, 2});
  log.add_batch(torch::tensor(std::numeric_limits<double>::infinity()), {3});
  EXPECT_EQ(log.images_of_step(/*only_bad_losses=*/false), (Names{"a.jpg", "c.jpg", "d.jpg"}));
  EXPECT_EQ(log.images_of_step(/*only_bad_losses=*/true), Names{"d.jpg"});
  log.begin_step();
  EXPECT_TRUE(log.images_of_step(false).empty());
}

}  // namespace
}  // namespace mkt::train
