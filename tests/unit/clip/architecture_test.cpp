#include "mkt/clip/architecture.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

using test::message_of;

/// A tiny CLIP with layer scale in its vision encoder.
TensorMap scaled_weights() {
  TensorMap tensors = test::tiny_weights();
  for (int block = 0; block < 4; ++block) {
    for (const char* scale : {"ls_1", "ls_2"}) {
      const std::string name =
          "visual.transformer.resblocks." + std::to_string(block) + "." + scale + ".gamma";
      tensors[name] = test::formula_tensor(name, {128}, 0.1, 0.9);
    }
  }
  return tensors;
}

torch::Tensor images() {
  return test::formula_tensor("architecture_test", {3, 3, 64, 64}, -2, 2);
}

EncoderFacts with_activation(nn::Activation activation) {
  EncoderFacts facts;
  facts.activation = {activation, "test"};
  return facts;
}

void expect_same_parameters(const std::map<std::string, std::vector<std::int64_t>>& shapes,
                            const torch::nn::Module& module, const std::string& prefix) {
  EXPECT_EQ(shapes.size(), module.named_parameters().size());
  for (const auto& parameter : module.named_parameters()) {
    const auto found = shapes.find(prefix + parameter.key());
    ASSERT_NE(found, shapes.end()) << parameter.key();
    EXPECT_EQ(found->second, parameter.value().sizes().vec()) << parameter.key();
  }
}

TEST(Architecture, ListsTheParametersOfItsEncoders) {
  const Weights weights(scaled_weights(), "a.pt");
  const VisionOptions& vision = weights.architecture.vision;
  expect_same_parameters(parameters_of(vision), *VisionEncoder(vision), "visual.");
  const TextOptions& text = weights.architecture.text;
  expect_same_parameters(parameters_of(text), *TextEncoder(text), "");
  EXPECT_TRUE(vision.layer_scale);
  EXPECT_FALSE(text.layer_scale);
}

TEST(Architecture, KnowsTheHeadsOfPublishedWidths) {
  EXPECT_EQ(head_width(Side::kVision, 768), 64);
  EXPECT_EQ(head_width(Side::kVision, 1280), 80);
  EXPECT_EQ(head_width(Side::kVision, 1408), 88);
  EXPECT_EQ(head_width(Side::kVision, 1664), 104);
  EXPECT_EQ(head_width(Side::kVision, 1792), 112);
  EXPECT_EQ(head_width(Side::kText, 1280), 64);  // ViT-bigG-14: 20 heads
  EXPECT_TRUE(is_published_width(Side::kText, 1280));
  EXPECT_FALSE(is_published_width(Side::kVision, 320));
  EXPECT_EQ(assumed_heads(Side::kVision, 1280), "80 wide, as in open_clip's ViT-H-14");
}

TEST(Architecture, OfH14HasSixteenHeads) {
  test::ClipShape shape;
  shape.embed_dim = 1024;
  shape.patch = 14;
  shape.grid = 16;
  shape.vision_width = 1280;
  shape.vision_layers = 2;
  shape.text_width = 1024;
  shape.text_layers = 2;
  const Weights weights(test::formula_clip_state(shape), "H-14.pt");
  EXPECT_EQ(weights.architecture.vision.heads, 16);
  EXPECT_EQ(weights.architecture.text.heads, 16);
  const at::NoGradGuard no_grad;
  const torch::Tensor image = test::formula_tensor("h14", {1, 3, 224, 224}, -2, 2);
  const torch::Tensor of_80 = make_vision_encoder(weights)->forward(image);
  Facts facts;
  facts.vision.heads = {20, "test"};
  const torch::Tensor of_64 = make_vision_encoder({weights.tensors, "H-14.pt", facts})->forward(image);
  EXPECT_GT(test::largest_difference(of_80, of_64), 1e-3);
}

TEST(FrozenVisionEncoder, EqualsTheLongWayForEveryActivationAndLayerScale) {
  const at::NoGradGuard no_grad;
  for (const TensorMap& tensors : {test::tiny_weights(), scaled_weights()}) {
    for (const auto activation : {nn::Activation::kQuickGelu, nn::Activation::kGelu}) {
      Facts facts;
      facts.vision = with_activation(activation);
      facts.vision.epsilon = {1e-3, "test"};
      const Weights weights(tensors, "tiny", facts);
      const torch::Tensor expected = make_vision_encoder(weights)->forward(images());
      const FrozenVisionEncoder frozen = make_frozen_vision_encoder(weights);
      EXPECT_LT(test::largest_difference(frozen.forward(images()), expected), 2e-5);
      EXPECT_LT(test::largest_difference(frozen.class_token(images()), expected.select(1, 0)), 2e-5);
      const FrozenVisionEncoder half = make_frozen_vision_encoder(weights, torch::kBFloat16);
      EXPECT_LT(test::largest_difference(half.forward(images()), expected), 0.05);
    }
  }
}

TEST(VisionEncoder, DiffersWithActivationLayerScaleAndEpsilon) {
  const at::NoGradGuard no_grad;
  const auto features = [](const TensorMap& tensors, const EncoderFacts& vision) {
    Facts facts;
    facts.vision = vision;
    return make_vision_encoder({tensors, "tiny", facts})->forward(images());
  };
  const torch::Tensor usual = features(test::tiny_weights(), {});
  EXPECT_GT(test::largest_difference(usual, features(scaled_weights(), {})), 1e-2);
  EXPECT_GT(
      test::largest_difference(usual, features(test::tiny_weights(), with_activation(nn::Activation::kGelu))),
      1e-3);
  EncoderFacts epsilon;
  epsilon.epsilon = {1e-2, "test"};
  EXPECT_GT(test::largest_difference(usual, features(test::tiny_weights(), epsilon)), 1e-4);
}

/// Message of the error if one tensor is added, replaced or, if undefined, removed.
std::string message_with(const std::string& name, const torch::Tensor& tensor) {
  TensorMap tensors = test::tiny_weights();
  tensors.erase(name);
  if (tensor.defined()) tensors[name] = tensor;
  return message_of([&] { Weights(tensors, "a.pt"); });
}

TEST(Weights, RefuseEveryTensorThatIsNotUnderstood) {
  for (const char* name :
       {"positional_embedding_res", "visual.extra_positions", "visual.transformer.resblocks.1.adapter.down",
        "transformer.resblocks.2.attn.lora_A", "visual.ln_pre.extra", "text_projection.bias", "ls.gamma"}) {
    EXPECT_EQ(
        message_with(name, torch::zeros({2, 3})),
        std::string("a.pt: expected only tensors of a CLIP with a vision transformer, got '") + name +
            "' of shape [2, 3], which is unknown and may change what the others mean. Use weights without "
            "it.");
  }
  EXPECT_EQ(message_with("logit_scale", torch::zeros({})), "");
}

TEST(Weights, RefuseGapsAndHalfBlocks) {
  TensorMap tensors = test::tiny_weights();
  const std::string block = "visual.transformer.resblocks.1.";
  for (auto it = tensors.begin(); it != tensors.end();)
    it = it->first.rfind(block, 0) == 0 ? tensors.erase(it) : std::next(it);
  EXPECT_EQ(message_of([&] { Weights(tensors, "a.pt"); }),
            "a.pt: expected tensors of 'visual.transformer.resblocks.1', got none, but those of "
            "'visual.transformer.resblocks.2'. Check that the file is complete.");
  EXPECT_EQ(
      message_with("transformer.resblocks.2.mlp.c_proj.bias", {}),
      "a.pt: expected tensor 'transformer.resblocks.2.mlp.c_proj.bias' of shape [128], got none. Check that "
      "the file is complete and of this model.");
  EXPECT_EQ(message_with("visual.transformer.resblocks.0.attn.in_proj_weight", {})
                .rfind("a.pt: expected tensor 'visual.transformer.resblocks.0.attn.in_proj_weight'", 0),
            0U);
  EXPECT_NE(message_with("visual.transformer.resblocks.3.ls_1.gamma", torch::ones({128})), "");
}

TEST(Weights, RefuseExtraInputChannelsAndOtherWidths) {
  EXPECT_NE(message_with("visual.conv1.weight", torch::zeros({128, 4, 16, 16})).find("got [128, 4, 16, 16]"),
            std::string::npos);
  EXPECT_EQ(
      message_with("text_projection", torch::zeros({128, 64})),
      "a.pt: expected image and text features of the same width, got 512 and 64. Check that the file is a "
      "CLIP.");
}

TEST(Encoders, RefuseValuesThatAreNotFinite) {
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    TensorMap tensors = test::tiny_weights();
    torch::Tensor broken = tensors.at("visual.transformer.resblocks.1.mlp.c_fc.weight").clone();
    broken[3][5] = value;
    tensors["visual.transformer.resblocks.1.mlp.c_fc.weight"] = broken;
    const Weights weights(tensors, "a.pt");
    const std::string expected =
        "a.pt: expected finite values in tensor 'visual.transformer.resblocks.1.mlp.c_fc.weight', got 1 of "
        "65536 "
        "that are NaN or infinite. Download or write the file again.";
    EXPECT_EQ(message_of([&] { make_vision_encoder(weights); }), expected);
    EXPECT_EQ(message_of([&] { make_frozen_vision_encoder(weights); }), expected);
    EXPECT_EQ(message_of([&] { make_text_encoder(weights); }), "");
  }
}

TEST(CheckFinite, AcceptsLargeValuesWhoseSumOverflows) {
  EXPECT_EQ(message_of([] { check_finite(torch::full({64}, 3e38F), "a", "a.pt"); }), "");
  EXPECT_EQ(message_of([] { check_finite(torch::full({64}, 60000, torch::kHalf), "a", "a.pt"); }), "");
}

}  // namespace
}  // namespace mkt::clip
