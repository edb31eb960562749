#include "mkt/model/student.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "mkt/weights/checkpoint.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

using test::message_of;

clip::TensorMap clip_weights() {
  return test::formula_clip_state(test::tiny_clip_shape());
}
clip::TensorMap checkpoint() {
  return test::formula_student_state(test::tiny_clip_shape());
}

TEST(Student, HasTheKeysAndShapesOfThePublishedCheckpoint) {
  const Student student = make_student({clip_weights(), "clip.pt"}, 42);
  const clip::TensorMap expected = checkpoint();
  const clip::TensorMap actual = state_dict(*student);
  EXPECT_EQ(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(actual.count(name), 1U) << name;
    EXPECT_EQ(actual.at(name).sizes(), tensor.sizes()) << name;
    const bool drawn = name.rfind("projection.", 0) == 0;
    EXPECT_NE(torch::equal(actual.at(name), tensor), drawn) << name;
  }
}

TEST(Student, DrawsTheUnusedProjectionFromTheSeed) {
  const auto drawn = [](std::uint64_t seed) {
    return state_dict(*make_student({clip_weights(), "clip.pt"}, seed));
  };
  const auto first = drawn(42);
  const auto again = drawn(42);
  const auto other = drawn(43);
  for (const char* name : {"projection.fc1.weight", "projection.fc1.bias", "projection.fc2.weight"}) {
    EXPECT_TRUE(torch::equal(first.at(name), again.at(name))) << name;
    EXPECT_FALSE(torch::equal(first.at(name), other.at(name))) << name;
    EXPECT_LT(first.at(name).abs().max().item<double>(), 0.09);  // bound at initialisation: 1/√128 ≈ 0.088
    EXPECT_LT(first.at(name).mean().abs().item<double>(), 0.01);
  }
}

TEST(Student, LoadsItsOwnCheckpoint) {
  const std::string path = testing::TempDir() + "/student.pth";
  weights::save_pth(path, checkpoint());
  const clip::TensorMap loaded = state_dict(*make_student_from_checkpoint(weights::load_tensors(path), path));
  for (const auto& [name, tensor] : checkpoint()) EXPECT_TRUE(torch::equal(loaded.at(name), tensor)) << name;
}

TEST(Student, GivesTheFeaturesOfTheReference) {
  const at::NoGradGuard no_grad;
  const auto golden = weights::load_tensors(test::golden("encoders.pth"));
  const ImageFeatures features =
      make_student_from_checkpoint(checkpoint(), "formula")->features(golden.at("image"));
  EXPECT_LT((features.patches - golden.at("patches")).abs().max().item<double>(), 1e-4);
  EXPECT_LT((features.global - golden.at("cls")).abs().max().item<double>(), 1e-4);
}

TEST(Student, IsAVisionEncoder) {
  const Student student = make_student_from_checkpoint(checkpoint(), "formula");
  EXPECT_EQ(vision_encoder(student).ptr().get(), student.ptr().get());
}

TEST(VisionWeights, HaveClipsNames) {
  const clip::Weights weights = vision_weights(checkpoint(), "a.pth", {});
  for (const auto& [name, tensor] : weights.tensors) {
    const std::string own = name == "visual.proj" ? "projection_dist" : name.substr(sizeof("visual.") - 1);
    EXPECT_TRUE(torch::equal(tensor, checkpoint().at(own))) << name;
  }
  EXPECT_EQ(weights.tensors.size() + 4,
            checkpoint().size());  // the 4 tensors of projection.fc* are not included
  const torch::Tensor images = test::formula_tensor("student_test", {2, 3, 64, 64}, -2, 2);
  const clip::VisionEncoder encoder = vision_encoder(make_student_from_checkpoint(checkpoint(), "a.pth"));
  EXPECT_TRUE(torch::equal(clip::make_frozen_vision_encoder(weights).forward(images),
                           clip::FrozenVisionEncoder(encoder).forward(images)));
}

TEST(Student, NamesMissingUnknownAndMisshapenKeys) {
  const auto message = [](const clip::TensorMap& tensors) {
    const std::string loading = message_of([&] { make_student_from_checkpoint(tensors, "a.pth"); });
    EXPECT_EQ(message_of([&] { vision_weights(tensors, "a.pth", {}); }), loading);
    return loading;
  };
  clip::TensorMap tensors = checkpoint();
  tensors.erase("ln_post.bias");
  EXPECT_EQ(message(tensors).rfind("a.pth: expected tensor 'ln_post.bias' of shape [128], got none. ", 0),
            0U);
  tensors["ln_post.bias"] = torch::zeros({127});
  EXPECT_EQ(message(tensors).rfind("a.pth: expected tensor 'ln_post.bias' of shape [128], got [127]. ", 0),
            0U);
  tensors = checkpoint();
  tensors["extra"] = torch::zeros({1});
  EXPECT_NE(message(tensors).find("a.pth: expected only tensors of a stage-1 checkpoint, got 'extra'"),
            std::string::npos);
}

TEST(Student, NamesTheKindOfAnotherFile) {
  const auto message = [](const clip::TensorMap& tensors) {
    return message_of([&] { make_student_from_checkpoint(tensors, "a.pth"); });
  };
  EXPECT_NE(message(clip_weights()).find("got CLIP weights"), std::string::npos);
  EXPECT_NE(message({{"token_embedding.weight", torch::zeros({1})}}).find("got a text encoder, as stage 2"),
            std::string::npos);
  EXPECT_NE(message({{"a", torch::zeros({1})}}).find("a.pth: expected a stage-1 checkpoint"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::model
