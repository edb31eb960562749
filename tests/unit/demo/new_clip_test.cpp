#include "demo/new_clip.h"

#include <gtest/gtest.h>

#include "mkt/clip/weights.h"

namespace mkt::demo {
namespace {

NewClip small(std::uint64_t seed) {
  clip::VisionOptions vision;
  vision.patch = 4;
  vision.grid = 3;
  vision.width = 64;
  vision.heads = 1;
  vision.hidden = 256;
  vision.layers = 2;
  vision.embed_dim = 10;
  return make_new_clip(vision, clip::TextOptions{{64, 1, 1, 256, 10}, 50, 9}, seed);
}

TEST(NewClip, IsDrawnFromItsSeed) {
  const auto first = half_state(small(1));
  const auto again = half_state(small(1));
  const auto other = half_state(small(2));
  for (const auto& [name, tensor] : first) {
    EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
    EXPECT_TRUE(torch::equal(tensor, again.at(name))) << name;
  }
  EXPECT_FALSE(torch::equal(first.at("visual.proj"), other.at("visual.proj")));
}

TEST(NewClip, IsInitialisedAsClip) {
  const NewClip clip = small(3);
  EXPECT_NEAR(clip.logit_scale.exp().item<double>(), 1 / 0.07, 1e-4);
  EXPECT_NEAR(clip.text->token_embedding->weight.std().item<double>(), 0.02, 2e-3);
  EXPECT_NEAR(clip.visual->transformer->block(0)->attn->in_proj_weight.std().item<double>(), 0.125, 0.01);
  EXPECT_NEAR(clip.visual->transformer->block(1)->mlp->c_proj->weight.std().item<double>(), 0.0625, 0.01);
  EXPECT_TRUE(clip.visual->ln_pre->weight.eq(1).all().item<bool>());
  EXPECT_TRUE(clip.visual->ln_pre->bias.eq(0).all().item<bool>());
  EXPECT_TRUE(clip.visual->transformer->block(0)->attn->in_proj_bias.eq(0).all().item<bool>());
}

TEST(NewClip, PositionsOfPatchesDiffer) {
  const torch::Tensor positions = small(4).visual->positional_embedding.detach();
  const torch::Tensor apart = torch::cdist(positions, positions) + 10 * torch::eye(10);
  EXPECT_GT(apart.min().item<double>(), 0.5);
}

TEST(NewClip, StateLoadsAsClipWeights) {
  const auto weights = clip::to_openai_names(half_state(small(5)), "state");
  EXPECT_EQ(clip::vision_options(weights).grid, 3);
  EXPECT_EQ(clip::text_options(weights).layers, 1);
  const auto encoder = clip::make_vision_encoder({weights, "state"});
  EXPECT_EQ(encoder->forward(torch::zeros({2, 3, 12, 12})).sizes(), (std::vector<std::int64_t>{2, 10, 10}));
}

}  // namespace
}  // namespace mkt::demo
