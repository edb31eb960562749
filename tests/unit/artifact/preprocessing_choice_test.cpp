#include "artifact/preprocessing_choice.h"

#include <gtest/gtest.h>

#include "artifact/checkpoint_facts.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::artifact {
namespace {

/// The tiny CLIP, whose weights state `preprocessing`.
clip::Weights clip_stating(const std::optional<image::Preprocessing>& preprocessing) {
  clip::Facts facts;
  facts.preprocessing = {preprocessing, "test"};
  return clip::Weights(test::formula_clip_state(test::tiny_clip_shape()), "clip.pt", facts);
}

image::Preprocessing squash_by_half() {
  return {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}, image::ResizeMode::kSquash, 1};
}

TEST(PreprocessingChoice, OfPlainClipIsWhatTheWeightsStateOrOpenAis) {
  EXPECT_EQ(plain_preprocessing({}, clip_stating(std::nullopt)), image::clip_preprocessing());
  EXPECT_EQ(plain_preprocessing({}, clip_stating(squash_by_half())), squash_by_half());
  PreprocessingChoice mkt;
  mkt.preset = PreprocessingPreset::kMkt;
  EXPECT_EQ(plain_preprocessing(mkt, clip_stating(squash_by_half())), image::mkt_preprocessing(64));
}

TEST(PreprocessingChoice, OfATunedEncoderIsWhatItWasTrainedWithOrMkts) {
  const clip::Weights clip = clip_stating(squash_by_half());
  EXPECT_EQ(tuned_preprocessing({}, clip, ""), image::mkt_preprocessing(64));
  const std::string checkpoint = test::scratch_folder("choice") + "/model_epoch_0.pth";
  EXPECT_EQ(tuned_preprocessing({}, clip, checkpoint), image::mkt_preprocessing(64));  // no file beside it
  write_checkpoint_facts(checkpoint, clip, squash_by_half(), 16);
  EXPECT_EQ(tuned_preprocessing({}, clip, checkpoint), squash_by_half());
  PreprocessingChoice as_clip;
  as_clip.preset = PreprocessingPreset::kClip;
  EXPECT_EQ(tuned_preprocessing(as_clip, clip, ""), squash_by_half());
}

TEST(PreprocessingChoice, OfOtherMomentsThanThoseOfTrainingIsRefused) {
  const clip::Weights clip = clip_stating(std::nullopt);
  const std::string checkpoint = test::scratch_folder("choice") + "/model_epoch_0.pth";
  write_checkpoint_facts(checkpoint, clip, image::clip_preprocessing(), 16);
  PreprocessingChoice choice;
  choice.preset = PreprocessingPreset::kMkt;
  EXPECT_EQ(test::message_of([&] { tuned_preprocessing(choice, clip, checkpoint); }),
            "mean: expected 0.481455,0.457827,0.408211, with which " + checkpoint +
                " was trained, got 0.485,0.456,0.406. Leave mean, std and preprocess at their defaults.");
  choice = {};
  choice.deviation = std::array<double, 3>{0.5, 0.5, 0.5};
  EXPECT_EQ(test::message_of([&] {
              tuned_preprocessing(choice, clip, checkpoint);
            }).rfind("std: expected 0.268", 0),
            0U);
  choice = {};
  choice.resize = image::ResizeMode::kPad;  // random crops do not depend on it
  EXPECT_EQ(tuned_preprocessing(choice, clip, checkpoint).resize, image::ResizeMode::kPad);
}

TEST(PreprocessingChoice, ChangesSingleValues) {
  const clip::Weights clip = clip_stating(std::nullopt);
  PreprocessingChoice choice;
  choice.preset = PreprocessingPreset::kMkt;
  choice.resize = image::ResizeMode::kSquash;
  image::Preprocessing made = plain_preprocessing(choice, clip);
  EXPECT_EQ(made.resize, image::ResizeMode::kSquash);
  EXPECT_EQ(made.crop_share, 1);  // 0.875 without the squash
  choice.crop_share = 0.5;
  EXPECT_EQ(
      test::message_of([&] { plain_preprocessing(choice, clip); }),
      "crop-share: expected 1 with resize squash, which shows the whole image, got 0.5. Use resize short.");
  choice.resize.reset();
  choice.mean = std::array<double, 3>{0.1, 0.2, 0.3};
  made = plain_preprocessing(choice, clip);
  EXPECT_EQ(made.crop_share, 0.5);
  EXPECT_EQ(made.mean, *choice.mean);
  EXPECT_EQ(made.deviation, image::mkt_preprocessing(64).deviation);
}

TEST(PreprocessingChoice, IsLoggedUnlessItIsMkts) {
  const auto logged = [](const image::Preprocessing& preprocessing) {
    testing::internal::CaptureStderr();
    log_preprocessing(preprocessing, 64);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(logged(image::mkt_preprocessing(64)), "");
  EXPECT_NE(logged(squash_by_half())
                .find("image preprocessing: mean 0.5 0.5 0.5, std 0.5 0.5 0.5, resize squash, crop share 1"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::artifact
