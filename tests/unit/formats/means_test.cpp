#include "formats/means.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "artifact/checkpoint_facts.h"
#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/student.h"
#include "model/weight_mean.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::formats {
namespace {

using test::file_text;
using test::message_of;

clip::Weights tiny_clip() {
  return artifact::open_clip(test::tiny_clip_file(), {});
}

/// Writes checkpoints of the tiny CLIP as both stages do.
struct Means : testing::Test {
  std::string folder = test::scratch_folder("means");
  std::string output = folder + "/out.pth";

  std::string path(const std::string& name) const { return folder + "/" + name + ".pth"; }

  std::string stage1(const std::string& name, const std::string& changed = "ln_post.bias") const {
    weights::TensorMap tensors = model::state_dict(*model::make_student(tiny_clip(), 42));
    torch::Tensor& tensor = tensors.at(changed);
    tensor = tensor + test::formula_tensor(name, tensor.sizes().vec(), -0.1, 0.1);
    weights::save_pth(path(name), tensors);
    artifact::write_checkpoint_facts(path(name), tiny_clip(), image::mkt_preprocessing(64), 16);
    return path(name);
  }

  std::string stage2(const std::string& name, const std::string& changed = "token_embedding.weight") const {
    weights::TensorMap tensors;
    for (const auto& [key, tensor] : test::tiny_weights()) {
      if (key.rfind("visual.", 0) == 0 || key == "logit_scale") continue;
      tensors[model::kStage2Prefix + key] =
          key == changed ? tensor + test::formula_tensor(name, tensor.sizes().vec(), -0.1, 0.1) : tensor;
    }
    weights::save_pth(path(name), tensors);
    artifact::write_checkpoint_facts(path(name), tiny_clip(), image::mkt_preprocessing(64), 16);
    return path(name);
  }

  std::string mix(const std::string& checkpoint, double alpha) const {
    return mix_checkpoint({test::tiny_clip_file(), checkpoint, alpha, output, {}});
  }
  std::string mix_error(const std::string& checkpoint, double alpha = 0.5) const {
    return message_of([&] { mix(checkpoint, alpha); });
  }
  std::string average_error(const std::vector<std::string>& checkpoints) const {
    return message_of([&] { average_checkpoints(checkpoints, output); });
  }
};

TEST_F(Means, AMixWithAllOfTheCheckpointIsTheCheckpointsBytes) {
  for (const std::string& checkpoint : {stage1("a"), stage2("b")}) {
    EXPECT_EQ(mix(checkpoint, 1).rfind("wrote " + output + ": a stage-", 0), 0U);
    EXPECT_TRUE(file_text(output) == file_text(checkpoint)) << checkpoint;
  }
}

TEST_F(Means, AMixWithNothingOfTheCheckpointIsClip) {
  mix(stage1("a"), 0);
  const weights::TensorMap clip = model::state_dict(*model::make_student(tiny_clip(), 42));
  for (const auto& [name, tensor] : weights::load_tensors(output))
    EXPECT_TRUE(torch::equal(tensor, clip.at(name))) << name;
  mix(stage2("b"), 0);
  for (const auto& [name, tensor] : weights::load_tensors(output))
    EXPECT_TRUE(torch::equal(tensor, test::tiny_weights().at(name))) << name;
}

TEST_F(Means, AMixLiesBetweenBothAndLoadsAsACheckpointOfItsStage) {
  const std::string image = stage1("a");
  mix(image, 0.25);
  const auto bias = [](const std::string& file) { return weights::load_tensors(file).at("ln_post.bias"); };
  const torch::Tensor start = test::tiny_weights().at("visual.ln_post.bias");
  EXPECT_TRUE(torch::allclose(bias(output), 0.75 * start + 0.25 * bias(image), 1e-6, 1e-8));
  const clip::Weights clip = tiny_clip();
  EXPECT_NO_THROW(artifact::load_image_weights(clip, output));
  const auto facts = nlohmann::json::parse(file_text(output + ".json"));
  EXPECT_EQ(facts["mix"], nlohmann::json({{"checkpoint", "a.pth"}, {"alpha", 0.25}}));
  EXPECT_EQ(artifact::trained_preprocessing(output), image::mkt_preprocessing(64));
  mix(stage2("b"), 0.25);
  EXPECT_EQ(artifact::file_kind(output), artifact::FileKind::kStage2);
  EXPECT_NO_THROW(artifact::load_text_weights(clip, output));
}

TEST_F(Means, AMixOfACheckpointWithoutFactsHasNoneAndLosesThoseOfAnEarlierFile) {
  const std::string checkpoint = stage1("a");
  mix(checkpoint, 0.5);
  EXPECT_TRUE(std::filesystem::exists(output + ".json"));
  std::filesystem::remove(checkpoint + ".json");
  mix(checkpoint, 0.5);
  EXPECT_FALSE(std::filesystem::exists(output + ".json"));
}

TEST_F(Means, AMixRefusesOtherFilesAndOtherWeights) {
  const std::string checkpoint = stage1("a");
  EXPECT_EQ(mix_error(checkpoint, 1.5),
            "alpha: expected a number in [0, 1], got 1.5. 0 is CLIP, 1 the checkpoint.");
  EXPECT_EQ(mix_error(test::tiny_clip_file()),
            "ckpt-path: expected a stage-1 or stage-2 checkpoint, got CLIP weights in " +
                test::tiny_clip_file() + ".");
  EXPECT_NE(mix_error(folder + "/none.pth").find("none.pth"), std::string::npos);
  const std::string other = stage1("other", "conv1.weight");
  EXPECT_EQ(mix_error(other).rfind(other + ": expected the tensor 'visual.conv1.weight' of ", 0), 0U)
      << mix_error(other);
  const std::string text = stage2("text", "ln_final.weight");
  EXPECT_EQ(mix_error(text).rfind(text + ": expected the tensor 'ln_final.weight' of ", 0), 0U)
      << mix_error(text);
  output = folder + "/out.safetensors";
  EXPECT_EQ(mix_error(checkpoint),
            "output: expected a name that ends in .pth, got '" + output + "'. Change the extension.");
  output = checkpoint;
  EXPECT_EQ(mix_error(checkpoint),
            "output: expected another file than " + checkpoint + ", got the same. Name another.");
}

TEST_F(Means, AMixFollowsTheCheckpointsInputSize) {
  clip::Weights clip = tiny_clip();
  clip::set_resolution(clip, 96);
  weights::save_pth(path("large"), model::state_dict(*model::make_student(clip, 42)));
  artifact::write_checkpoint_facts(path("large"), clip, image::mkt_preprocessing(96), 16);
  mix(path("large"), 0.5);
  EXPECT_EQ(weights::load_tensors(output).at("positional_embedding").size(0), 1 + 36);
  EXPECT_NO_THROW(artifact::load_image_weights(clip, output));
}

TEST_F(Means, AnAverageIsThePlainMeanInAnyOrder) {
  std::vector<std::string> files = {stage1("a"), stage1("b"), stage1("c", "projection_dist"), stage1("d")};
  EXPECT_EQ(average_checkpoints(files, output), "wrote " + output + ": a stage-1 checkpoint, the mean of 4");
  const std::string bytes = file_text(output);
  const std::string facts = file_text(output + ".json");
  for (const std::string name :
       {"ln_post.bias", "projection_dist", "conv1.weight", "projection.fc1.weight"}) {
    torch::Tensor sum = torch::zeros({}, torch::kFloat64);
    for (const std::string& file : files)
      sum = sum + weights::load_tensors(file).at(name).to(torch::kFloat64);
    EXPECT_TRUE(torch::equal(weights::load_tensors(output).at(name), (sum / 4).to(torch::kFloat32))) << name;
  }
  std::sort(files.rbegin(), files.rend());
  average_checkpoints(files, output);
  EXPECT_TRUE(file_text(output) == bytes);
  EXPECT_EQ(file_text(output + ".json"), facts);
  EXPECT_EQ(nlohmann::json::parse(facts)["average"].size(), 4U);
  EXPECT_NO_THROW(artifact::load_image_weights(tiny_clip(), output));
}

TEST_F(Means, AnAverageOfStage2IsACheckpointOfStage2) {
  average_checkpoints({stage2("a"), stage2("b")}, output);
  EXPECT_NO_THROW(artifact::load_text_weights(tiny_clip(), output));
  EXPECT_EQ(weights::load_named_tensors(output).count("module.token_embedding.weight"), 1U);
}

TEST_F(Means, AnAverageRefusesWhatDoesNotBelongTogether) {
  const std::string a = stage1("a");
  EXPECT_EQ(average_error({a}), "checkpoints: expected at least 2, got 1. Name the checkpoints to average.");
  const std::string copy = folder + "/copy.pth";
  std::filesystem::copy(a, copy);
  EXPECT_NE(average_error({a, copy}).find("got the same bytes. Name each once."), std::string::npos);
  EXPECT_NE(average_error({a, a}).find("got the same bytes. Name each once."), std::string::npos);
  EXPECT_NE(average_error({a, stage2("text")}).find("checkpoints: expected a stage-"), std::string::npos);
  const std::string conv = stage1("conv", "conv1.weight");
  EXPECT_NE(average_error({a, conv}).find("which training does not change, got other values. Average"),
            std::string::npos)
      << average_error({a, conv});
  const std::string text = stage2("final", "ln_final.bias");
  EXPECT_NE(average_error({stage2("first"), text}).find("'ln_final.bias'"), std::string::npos);
}

TEST_F(Means, AnAverageHasTheFactsOfAMemberThatHasThem) {
  const std::string a = stage1("a");
  mix(stage1("b"), 0.5);
  const std::string b = path("mixed");
  std::filesystem::rename(output, b);
  std::filesystem::rename(output + ".json", b + ".json");
  for (const std::string& without : {a, b}) {
    const std::string text = file_text(without + ".json");
    std::filesystem::remove(without + ".json");
    average_checkpoints({a, b}, output);
    EXPECT_EQ(artifact::trained_preprocessing(output), image::mkt_preprocessing(64)) << without;
    EXPECT_FALSE(nlohmann::json::parse(file_text(output + ".json")).contains("mix")) << without;
    std::ofstream(without + ".json") << text;
  }
}

TEST_F(Means, AnAverageRefusesOtherTrainings) {
  const std::string a = stage1("a");
  const std::string squashed = stage1("squashed");
  artifact::write_checkpoint_facts(squashed, tiny_clip(), image::clip_preprocessing(), 16);
  const std::string preprocessing = average_error({a, squashed});
  EXPECT_NE(preprocessing.find(": expected preprocessing {"), std::string::npos) << preprocessing;
  const std::string gelu = stage1("gelu");
  clip::Facts facts;
  facts.vision.activation = {nn::Activation::kGelu, "test"};
  artifact::write_checkpoint_facts(gelu, {test::tiny_weights(), "clip.pt", facts},
                                   image::mkt_preprocessing(64), 16);
  const std::string activation = average_error({a, gelu});
  EXPECT_NE(activation.find(": expected vision {"), std::string::npos) << activation;
  const std::string pooled = stage1("pooled");
  artifact::write_checkpoint_facts(pooled, tiny_clip(), image::mkt_preprocessing(64), 5);
  const std::string pooling = average_error({a, pooled});
  EXPECT_NE(pooling.find(": expected pooling {"), std::string::npos) << pooling;
  weights::TensorMap fewer = weights::load_tensors(a);
  fewer.erase("ln_post.bias");
  weights::save_pth(folder + "/fewer.pth", fewer);
  EXPECT_NE(average_error({a, folder + "/fewer.pth"}).find("'ln_post.bias'"), std::string::npos);
}

}  // namespace
}  // namespace mkt::formats
