#include <gtest/gtest.h>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

using test::message_of;

struct Published {
  const char* name;
  std::int64_t patch, grid, width, layers, embed_dim, text_width;
};

/// Makes tensors with the shapes of a published model; each needs memory for one value only.
TensorMap shapes_of(const Published& model) {
  const auto empty = [](at::IntArrayRef shape) { return torch::zeros({1}).expand(shape); };
  TensorMap weights{
      {"visual.conv1.weight", empty({model.width, 3, model.patch, model.patch})},
      {"visual.positional_embedding", empty({model.grid * model.grid + 1, model.width})},
      {"visual.proj", empty({model.width, model.embed_dim})},
      {"token_embedding.weight", empty({49408, model.text_width})},
      {"positional_embedding", empty({77, model.text_width})},
      {"text_projection", empty({model.text_width, model.embed_dim})},
      {"visual.transformer.resblocks.0.mlp.c_fc.weight", empty({4 * model.width, model.width})},
      {"transformer.resblocks.0.mlp.c_fc.weight", empty({4 * model.text_width, model.text_width})}};
  for (std::int64_t i = 0; i < model.layers; ++i) {
    const std::string block = "visual.transformer.resblocks." + std::to_string(i) + ".attn.in_proj_weight";
    weights[block] = empty({3 * model.width, model.width});
  }
  for (std::int64_t i = 0; i < 12; ++i) {
    const std::string block = "transformer.resblocks." + std::to_string(i) + ".attn.in_proj_weight";
    weights[block] = empty({3 * model.text_width, model.text_width});
  }
  return weights;
}

class Sizes : public testing::TestWithParam<Published> {};

TEST_P(Sizes, ComeFromTheWeights) {
  const Published& model = GetParam();
  const TensorMap weights = shapes_of(model);
  const VisionOptions vision = vision_options(weights);
  EXPECT_EQ(vision.patch, model.patch);
  EXPECT_EQ(vision.resolution(), model.patch * model.grid);
  EXPECT_EQ(vision.width, model.width);
  EXPECT_EQ(vision.layers, model.layers);
  EXPECT_EQ(vision.heads, model.width / 64);
  EXPECT_EQ(vision.embed_dim, model.embed_dim);
  const TextOptions text = text_options(weights);
  EXPECT_EQ(text.vocabulary, 49408);
  EXPECT_EQ(text.context, 77);
  EXPECT_EQ(text.width, model.text_width);
  EXPECT_EQ(text.layers, 12);
  EXPECT_EQ(text.heads, model.text_width / 64);
  EXPECT_EQ(text.embed_dim, model.embed_dim);
}

INSTANTIATE_TEST_SUITE_P(PublishedModels, Sizes,
                         testing::Values(Published{"B32", 32, 7, 768, 12, 512, 512},
                                         Published{"B16", 16, 14, 768, 12, 512, 512},
                                         Published{"L14", 14, 16, 1024, 24, 768, 768},
                                         Published{"L14at336", 14, 24, 1024, 24, 768, 768}),
                         [](const auto& model) { return model.param.name; });

TEST(VisionOptions, RefusesShapesThatDoNotFit) {
  const Published model{"B32", 32, 7, 768, 12, 512, 512};
  const auto with = [&](const std::string& name, const torch::Tensor& tensor) {
    TensorMap weights = shapes_of(model);
    weights[name] = tensor;
    return message_of([&] { vision_options(weights, "a.pt"); });
  };
  EXPECT_NE(with("visual.conv1.weight", torch::zeros({8, 3, 2, 4})).find("got [8, 3, 2, 4]"),
            std::string::npos);
  EXPECT_NE(with("visual.positional_embedding", torch::zeros({48, 8})).find("got shape [48, 8]"),
            std::string::npos);
  EXPECT_NE(with("visual.proj", torch::zeros({8})).find("'visual.proj' of 2 dimensions, got shape [8]"),
            std::string::npos);
  EXPECT_NE(with("visual.conv1.weight", torch::zeros({100, 3, 4, 4})).find("multiple of 64, got 100"),
            std::string::npos);
  TensorMap weights = shapes_of(model);
  weights.erase("visual.proj");
  EXPECT_NE(message_of([&] {
              vision_options(weights, "a.pt");
            }).find("a.pt: expected tensor 'visual.proj', got none."),
            std::string::npos);
}

TEST(InterpolatePositions, KeepsTheClassTokenConstantsAndTheNativeSize) {
  const torch::Tensor positions = test::formula_tensor("p", {1 + 7 * 7, 8}, -1, 1);
  EXPECT_TRUE(torch::allclose(interpolate_positions(positions, 7), positions, 0, 1e-6));
  const torch::Tensor larger = interpolate_positions(positions, 12);
  EXPECT_EQ(larger.sizes(), (std::vector<std::int64_t>{1 + 12 * 12, 8}));
  EXPECT_TRUE(torch::equal(larger[0], positions[0]));
  EXPECT_TRUE(
      torch::allclose(interpolate_positions(torch::full({50, 8}, 0.25), 9), torch::full({82, 8}, 0.25)));
}

TEST(InterpolatePositions, DoesNotSwapRowsAndColumns) {
  constexpr std::int64_t kOld = 8;
  constexpr std::int64_t kNew = 16;
  const auto ramp = [](std::int64_t grid) {  // row and column of each cell's centre, in cells of the old grid
    const torch::Tensor steps = (torch::arange(grid, torch::kFloat32) + 0.5) * kOld / grid;
    const auto axes = torch::meshgrid({steps, steps}, "ij");
    return torch::stack({axes[0], axes[1]}, -1);  // (grid, grid, 2)
  };
  const torch::Tensor positions = torch::cat({torch::zeros({1, 2}), ramp(kOld).view({-1, 2})});
  const torch::Tensor grown = interpolate_positions(positions, kNew).narrow(0, 1, kNew * kNew);
  const auto inner = [](const torch::Tensor& grid) { return grid.slice(0, 4, 12).slice(1, 4, 12); };
  EXPECT_TRUE(torch::allclose(inner(grown.view({kNew, kNew, 2})), inner(ramp(kNew)), 0, 0.05));
}

TEST(SetResolution, ChangesTheGridAndRefusesPartialPatches) {
  Weights weights(test::formula_clip_state(test::tiny_clip_shape()), "a.pt");
  set_resolution(weights, 96);
  EXPECT_EQ(vision_options(weights.tensors).resolution(), 96);
  VisionEncoder encoder = make_vision_encoder(weights);
  EXPECT_EQ(encoder->forward(torch::zeros({1, 3, 96, 96})).size(1), 1 + 6 * 6);
  EXPECT_EQ(message_of([&] { set_resolution(weights, 100); }),
            "input-size: expected a multiple of the patch size 16, got 100. The native size of these weights "
            "is 96.");
}

}  // namespace
}  // namespace mkt::clip
