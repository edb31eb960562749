// CLIPs of other families against open_clip. Source: tests/data/golden/README.md, "weights.json".

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "artifact/encoders.h"
#include "labels/labels.h"
#include "mkt/clip/text_encoder.h"
#include "support/command.h"
#include "support/formula.h"

namespace mkt::labels {
namespace {

using nlohmann::json;

const json& golden_clips() {
  static const json clips = json::parse(test::file_text(test::golden("weights.json")));
  return clips;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

torch::Tensor parameter(const std::string& family, const std::string& name,
                        const std::vector<std::int64_t>& shape) {
  const std::string key = "weights/" + family + "/" + name;
  if (name == "logit_scale") return torch::full(shape, std::log(100.0), torch::kFloat32);
  if (contains(name, "gamma")) return test::formula_tensor(key, shape, 0.1, 0.9);
  if (contains(name, "ln_") && contains(name, "weight")) return test::formula_tensor(key, shape, 0.9, 1.1);
  if (contains(name, "bias")) return test::formula_tensor(key, shape, -0.05, 0.05);
  if (name == "token_embedding.weight") return test::formula_tensor(key, shape, -1, 1);
  if (contains(name, "positional_embedding") || contains(name, "class_embedding"))
    return test::formula_tensor(key, shape, -0.3, 0.3);
  const bool fan_in_first = name == "visual.proj" || name == "text_projection";
  std::int64_t fan_in = fan_in_first ? shape[0] : 1;
  for (std::size_t i = 1; !fan_in_first && i < shape.size(); ++i) fan_in *= shape[i];
  const double bound = 1.5 * std::sqrt(3.0 / static_cast<double>(fan_in));
  return test::formula_tensor(key, shape, -bound, bound);
}

weights::TensorMap tensors_of(const std::string& family) {
  weights::TensorMap tensors;
  for (const auto& [name, shape] : golden_clips()["cases"][family]["parameters"].items())
    tensors[name] = parameter(family, name, shape.get<std::vector<std::int64_t>>());
  return tensors;
}

/// The configuration that open_clip writes for this architecture.
json open_clip_config(const json& architecture) {
  const json& vision = architecture["vision"];
  const json& text = architecture["text"];
  json model = {{"embed_dim", architecture["embedding"]},
                {"vision_cfg",
                 {{"image_size", vision["image_size"]},
                  {"layers", vision["layers"]},
                  {"width", vision["width"]},
                  {"head_width", vision["width"].get<int>() / vision["heads"].get<int>()},
                  {"mlp_ratio", vision["mlp"].get<double>() / vision["width"].get<double>()},
                  {"patch_size", vision["patch"]}}},
                {"text_cfg",
                 {{"context_length", text["context"]},
                  {"vocab_size", text["vocabulary"]},
                  {"width", text["width"]},
                  {"heads", text["heads"]},
                  {"layers", text["layers"]}}}};
  if (architecture["activation"] == "quick_gelu") model["quick_gelu"] = true;
  return {{"model_cfg", model}, {"preprocess_cfg", {{"resize_mode", "shortest"}}}};
}

torch::Tensor numbers(const json& values) {
  return torch::tensor(values.get<std::vector<double>>(), torch::kFloat64).to(torch::kFloat32);
}

class OtherClip : public testing::TestWithParam<std::string> {
 protected:
  OtherClip() {
    weights::save_pth(folder + "/clip.pth", tensors_of(GetParam()));
    inputs.clip_path = folder + "/clip.pth";
    inputs.merges = MKT_MERGES_PATH;
    inputs.prompt_template = "{}";
  }

  /// Compares normalised features and their cosines with open_clip's.
  void expect_golden(const clip::Weights& clip) const {
    const at::NoGradGuard no_grad;
    const json& golden = golden_clips()["cases"][GetParam()];
    const std::int64_t side = clip.architecture.vision.resolution();
    const torch::Tensor image = test::formula_tensor("golden/weights_image", {1, 3, side, side}, -2, 2);
    const auto encoder = artifact::load_image_encoder(clip, "", runtime);
    const torch::Tensor slow = clip::make_vision_encoder(clip)->forward(image).select(1, 0);
    const auto prompts = golden_clips()["prompts"].get<std::vector<std::string>>();
    const torch::Tensor texts = LabelEncoder(clip, inputs, runtime).encode(prompts);
    for (const torch::Tensor& feature :
         {encoder.class_token(image), encoder.forward(image).select(1, 0), slow}) {
      const torch::Tensor normal = feature[0] / feature[0].norm();
      EXPECT_LT((normal - numbers(golden["image_feature"])).abs().max().item<double>(), 1e-4);
      const torch::Tensor labels = texts / texts.norm(2, 1, true);
      for (std::size_t i = 0; i < prompts.size(); ++i) {
        const torch::Tensor label = labels[static_cast<std::int64_t>(i)];
        EXPECT_LT((label - numbers(golden["text_features"][i])).abs().max().item<double>(), 1e-4);
        EXPECT_NEAR(label.dot(normal).item<double>(), golden["cosines"][i].get<double>(), 1e-4);
      }
    }
  }

  std::string folder = test::scratch_folder("other_clip");
  session::Runtime runtime;
  LabelInputs inputs;
};

TEST_P(OtherClip, GivesOpenClipsFeaturesWithItsConfigurationBesideIt) {
  std::ofstream(folder + "/open_clip_config.json")
      << open_clip_config(golden_clips()["cases"][GetParam()]["architecture"]);
  expect_golden(artifact::open_clip(inputs.clip_path, {}));
}

TEST_P(OtherClip, GivesOpenClipsFeaturesWithWhatOptionsState) {
  const json& architecture = golden_clips()["cases"][GetParam()]["architecture"];
  clip::Facts facts;
  const bool quick = architecture["activation"] == "quick_gelu";
  const auto activation = quick ? nn::Activation::kQuickGelu : nn::Activation::kGelu;
  facts.vision.activation = facts.text.activation = {activation, "test"};
  facts.vision.heads = {architecture["vision"]["heads"].get<std::int64_t>(), "test"};
  facts.text.heads = {architecture["text"]["heads"].get<std::int64_t>(), "test"};
  expect_golden(artifact::open_clip(inputs.clip_path, facts));
}

INSTANTIATE_TEST_SUITE_P(Families, OtherClip,
                         testing::Values("quick_gelu", "gelu", "heads_of_80", "heads_of_88", "layer_scale",
                                         "patch_14", "context_32", "width_of_text_192"),
                         [](const auto& family) { return family.param; });

TEST(OtherClips, AreAllTested) {
  EXPECT_EQ(golden_clips()["cases"].size(), 8U);
}

}  // namespace
}  // namespace mkt::labels
