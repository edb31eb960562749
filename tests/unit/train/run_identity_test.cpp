#include "train/run_identity.h"

#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

#include "mkt/data/dataset.h"
#include "support/command.h"
#include "support/formula.h"

namespace mkt::train {
namespace {

class RunIdentity : public testing::Test {
 protected:
  RunIdentity() {
    options.text.clip_path = test::scratch_folder("identity") + "/clip.pt";
    std::ofstream(options.text.clip_path) << "weights";
    std::tie(data.train, data.test) = data::load_dataset(test::golden("nus-mini/NUS-WIDE"));
  }

  nlohmann::ordered_json identity() const { return run_identity({{"stage", 1}}, options, plan, data); }

  TrainingOptions options{};
  StepPlan plan{4, 1, 2, 1};
  TrainingData data;
};

TEST_F(RunIdentity, HoldsTheStageTheOptionsAndDigestsOfTheFiles) {
  const auto values = identity();
  EXPECT_EQ(values["stage"], 1);
  EXPECT_EQ(values["train_images"], 8);
  EXPECT_EQ(values["seen_labels"], 24);
  EXPECT_EQ(values["lr"], options.lr);
  for (const char* name : {"clip_sha256", "train_names_sha256", "train_labels_sha256"}) {
    EXPECT_EQ(values[name].get<std::string>().size(), 64U) << name;
  }
}

TEST_F(RunIdentity, DoesNotDependOnHowAStepIsDealtIfImagesWeighTheSame) {
  const auto two_ranks = identity();
  plan = {2, 4, 1, 1};
  EXPECT_EQ(identity(), two_ranks);
  options.loss_average = LossAverage::kRank;
  const auto by_batches_of_two = identity();
  plan = {4, 1, 2, 1};
  EXPECT_NE(identity(), by_batches_of_two);
}

TEST_F(RunIdentity, DependsOnTheContentOfTheFiles) {
  const auto before = identity();
  std::ofstream(options.text.clip_path) << "others";
  EXPECT_NE(identity()["clip_sha256"], before["clip_sha256"]);
  data.train.names[0] += "x";
  EXPECT_NE(identity()["train_names_sha256"], before["train_names_sha256"]);
}

TEST_F(RunIdentity, HoldsAPreprocessingThatEarlierVersionsDidNotHave) {
  EXPECT_FALSE(identity().contains("preprocessing")) << "states of earlier versions resume";
  data.preprocessing = image::clip_preprocessing();
  const auto of_clip = identity();
  EXPECT_EQ(of_clip["preprocessing"]["crop_share"], 1);
  data.preprocessing.resize = image::ResizeMode::kSquash;
  EXPECT_NE(identity(), of_clip);
  data.preprocessing = image::mkt_preprocessing(336);  // earlier versions cropped 7/8 at every size
  EXPECT_TRUE(identity().contains("preprocessing"));
}

TEST_F(RunIdentity, HoldsALossThatIsNotThePublishedOne) {
  EXPECT_FALSE(identity().contains("loss")) << "states of earlier versions resume";
  options.label_loss.margin = 0.2;
  EXPECT_EQ(identity()["loss"], "rank, margin 0.2");
  options.label_loss = {loss::LossKind::kSmoothRank};
  EXPECT_EQ(identity()["loss"], "smooth-rank, scale 20.0");
}

TEST_F(RunIdentity, HoldsAPoolingThatEarlierVersionsDidNotHave) {
  options.local = 4;
  EXPECT_EQ(identity()["topk"], 4);
  EXPECT_FALSE(identity().contains("local")) << "states of earlier versions resume";
  EXPECT_FALSE(identity().contains("local_scale"));
  options.local = {model::Pooling::kSoftmax, 20};
  const auto soft = identity();
  EXPECT_EQ(soft["local"], "softmax");
  EXPECT_EQ(soft["local_scale"], 20);
  options.local.scale = 10;
  EXPECT_NE(identity(), soft);
}

TEST_F(RunIdentity, DependsOnTheRotationOfImages) {
  const auto before = identity();
  EXPECT_EQ(before["exif_rotate"], false);
  options.decoding.exif_rotate = true;
  EXPECT_NE(identity(), before);
}

TEST_F(RunIdentity, HoldsTheDecayOfAMovingAverage) {
  EXPECT_FALSE(identity().contains("ema")) << "states without an average resume";
  options.ema = 0.5;
  EXPECT_EQ(identity()["ema"], 0.5);
}

TEST_F(RunIdentity, RanksAlsoAgreeOnEvaluationAndResuming) {
  const auto values = shared_values(identity(), options, data);
  EXPECT_EQ(values["eval_every"], options.eval_every);
  EXPECT_EQ(values["resume"], false);
  options.resume = "auto";
  EXPECT_EQ(shared_values(identity(), options, data)["resume"], true);
  EXPECT_FALSE(identity().contains("resume")) << "a resumed run is the same run";
}

}  // namespace
}  // namespace mkt::train
