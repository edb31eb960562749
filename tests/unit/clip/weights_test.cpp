#include "mkt/clip/weights.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

using test::message_of;

nlohmann::json golden_json(const std::string& name) {
  std::ifstream file(test::golden(name));
  return nlohmann::json::parse(file);
}

/// Sizes of a minimal CLIP: one block per encoder, all widths 64, a vocabulary of 10.
test::ClipShape least_shape() {
  test::ClipShape shape = test::tiny_clip_shape();
  shape.vision_width = shape.text_width = shape.embed_dim = 64;
  shape.vision_layers = shape.text_layers = 1;
  shape.vocab = 10;
  return shape;
}

class Formats : public testing::TestWithParam<const char*> {};

TEST_P(Formats, GiveTheSameTensorsWithOpenAisNames) {
  const auto checks = golden_json("formats/checks.json");
  const TensorMap weights = load_tensors(test::golden(std::string("formats/") + GetParam()));
  EXPECT_EQ(weights.size(), checks.size());
  for (const auto& [name, check] : checks.items()) {
    ASSERT_EQ(weights.count(name), 1U) << name;
    const torch::Tensor& tensor = weights.at(name);
    const torch::Tensor exact = tensor.to(torch::kFloat64);
    EXPECT_EQ(tensor.sizes().vec(), check[1].get<std::vector<std::int64_t>>()) << name;
    const auto sum = check[2].get<double>();
    const auto magnitude = check[3].get<double>();
    EXPECT_NEAR(exact.sum().item<double>(), sum, 1e-6 * magnitude) << name;
    EXPECT_NEAR(exact.abs().sum().item<double>(), magnitude, 1e-6 * magnitude) << name;
    EXPECT_EQ(tensor.scalar_type(), check[0] == "torch.float16" ? torch::kFloat16 : torch::kFloat32) << name;
  }
}

TEST_P(Formats, LoadIntoBothEncodersAlike) {
  const std::string path = test::golden(std::string("formats/") + GetParam());
  const TensorMap weights = load_tensors(path);
  const TensorMap reference = load_tensors(test::golden("formats/state_dict.pth"));
  const VisionEncoder vision = make_vision_encoder({weights, path});
  for (const auto& parameter : vision->named_parameters()) {
    EXPECT_TRUE(
        torch::equal(parameter.value(), reference.at("visual." + parameter.key()).to(torch::kFloat32)))
        << parameter.key();
  }
  const TextEncoder text = make_text_encoder({weights, path});
  for (const auto& parameter : text->named_parameters()) {
    EXPECT_TRUE(torch::equal(parameter.value(), reference.at(parameter.key()).to(torch::kFloat32)))
        << parameter.key();
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Formats,
                         testing::Values("openai_archive.pt", "state_dict.pth", "state_dict_ordered.pth",
                                         "state_dict_module.pth", "state_dict_legacy.pth",
                                         "open_clip_style.pt", "state_dict.safetensors",
                                         "open_clip_text_prefix.safetensors", "hugging_face.safetensors"));

TEST(Formula, GivesTheGoldenSumsOfEveryTensor) {
  const auto golden = golden_json("encoders.json");
  const auto expect_sums = [](const TensorMap& state, const nlohmann::json& checks) {
    EXPECT_EQ(state.size(), checks.size());
    for (const auto& [name, check] : checks.items()) {
      ASSERT_EQ(state.count(name), 1U) << name;
      const torch::Tensor exact = state.at(name).to(torch::kFloat64);
      const auto magnitude = check[1].get<double>();
      EXPECT_NEAR(exact.sum().item<double>(), check[0].get<double>(), 1e-6 * magnitude) << name;
      EXPECT_NEAR(exact.abs().sum().item<double>(), magnitude, 1e-6 * magnitude) << name;
    }
  };
  expect_sums(test::formula_clip_state(test::tiny_clip_shape()), golden["checks"]);
  expect_sums(test::formula_student_state(test::tiny_clip_shape()), golden["student_checks"]);
}

TEST(OpenAiNames, DropsSettings) {
  TensorMap tensors = test::formula_clip_state(least_shape());
  const auto size = tensors.size();
  for (const char* name : {"input_resolution", "context_length", "vocab_size"})
    tensors[name] = torch::tensor(7);
  EXPECT_EQ(to_openai_names(tensors, "a.pt").size(), size);
}

TEST(OpenAiNames, DropsHuggingFacesPositionIds) {
  TensorMap tensors{{"vision_model.embeddings.position_ids", torch::arange(5)},
                    {"vision_model.embeddings.patch_embedding.weight", torch::zeros({64, 3, 4, 4})}};
  EXPECT_EQ(to_openai_names(tensors, "a.pt").size(), 1U);
}

TEST(OpenAiNames, RefusesAHuggingFaceFileWithoutAllProjections) {
  const std::string attention = "vision_model.encoder.layers.0.self_attn.";
  const TensorMap tensors{{attention + "q_proj.weight", torch::zeros({4, 4})},
                          {attention + "k_proj.weight", torch::zeros({4, 4})}};
  EXPECT_EQ(message_of([&] {
              to_openai_names(tensors, "a.pt");
            }).rfind("a.pt: expected tensor '" + attention + "v_proj.weight' beside", 0),
            0U);
}

TEST(OpenAiNames, RefusesResNetsByName) {
  TensorMap tensors{{"visual.layer1.0.conv1.weight", torch::zeros(1)},
                    {"visual.conv1.weight", torch::zeros(1)}};
  EXPECT_NE(message_of([&] {
              to_openai_names(tensors, "RN50.pt");
            }).find("RN50.pt: expected a CLIP with a vision transformer, got one with a ResNet"),
            std::string::npos);
  tensors = {{"visual.attnpool.positional_embedding", torch::zeros(1)}};
  EXPECT_NE(message_of([&] { to_openai_names(tensors, "RN50.pt"); }).find("ResNet"), std::string::npos);
}

TEST(OpenAiNames, NamesTheCheckpointThatWasGivenForClip) {
  const TensorMap student = test::formula_student_state(least_shape());
  EXPECT_NE(message_of([&] {
              to_openai_names(student, "a.pth");
            }).find("a.pth: expected CLIP weights, got a stage-1 checkpoint"),
            std::string::npos);
  TensorMap text = test::formula_clip_state(least_shape());
  for (auto it = text.begin(); it != text.end();) {
    it = it->first.rfind("visual.", 0) == 0 ? text.erase(it) : std::next(it);
  }
  EXPECT_NE(message_of([&] {
              to_openai_names(text, "b.pth");
            }).find("b.pth: expected CLIP weights, got a stage-2 checkpoint"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              to_openai_names({{"a", torch::zeros(1)}}, "c.pth");
            }).find("c.pth: expected CLIP weights with the tensor 'visual.conv1.weight', got 'a' and others"),
            std::string::npos);
}

TEST(LoadParameters, NamesAMissingOrMisshapenTensor) {
  TensorMap weights = test::formula_clip_state(least_shape());
  const std::string name = "visual.transformer.resblocks.0.mlp.c_fc.bias";
  weights[name] = torch::zeros({255});
  EXPECT_EQ(message_of([&] {
              make_vision_encoder({weights, "a.pt"});
            }).rfind("a.pt: expected tensor '" + name + "' of shape [256], got [255]. ", 0),
            0U);
  weights.erase(name);
  EXPECT_EQ(message_of([&] {
              make_vision_encoder({weights, "a.pt"});
            }).rfind("a.pt: expected tensor '" + name + "' of shape [256], got none. ", 0),
            0U);
}

}  // namespace
}  // namespace mkt::clip
