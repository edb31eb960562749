#include "demo/contrastive_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/message.h"

namespace mkt::demo {
namespace {

NewClip small_clip() {
  clip::VisionOptions vision;
  vision.patch = 4;
  vision.grid = 2;
  vision.width = 64;
  vision.heads = 1;
  vision.hidden = 256;
  vision.layers = 1;
  vision.embed_dim = 16;
  return make_new_clip(vision, clip::TextOptions{{64, 1, 1, 256, 16}, 8, 4}, 1);
}

/// Four grey images, each with a different caption token.
CaptionedImages four_greys(std::int64_t) {
  torch::Tensor images = torch::empty({4, 3, 8, 8}, torch::kUInt8);
  torch::Tensor ids = torch::zeros({4, 4}, torch::kInt64);
  for (std::int64_t i = 0; i < 4; ++i) {
    images[i].fill_(20 + 70 * i);
    ids[i].copy_(torch::tensor({6, static_cast<int>(i) + 1, 7, 0}));
  }
  return {images, ids};
}

ContrastiveOptions few_steps() {
  ContrastiveOptions options;
  options.steps = 60;
  options.warmup_steps = 5;
  options.lr = 3e-3;
  return options;
}

TEST(Contrastive, LearnsToMatchTextsAndImages) {
  NewClip clip = small_clip();
  ContrastiveOptions once = few_steps();
  once.steps = 1;
  NewClip untrained = small_clip();
  const double before = train_contrastive(untrained, once, four_greys, session::Runtime{});
  EXPECT_GT(before, 0.8);
  EXPECT_LT(train_contrastive(clip, few_steps(), four_greys, session::Runtime{}), 0.1);
}

TEST(Contrastive, EncodingByLengthChangesNothing) {
  const NewClip clip = small_clip();
  torch::Tensor ids = torch::zeros({11, 4}, torch::kInt64);
  for (std::int64_t i = 0; i < 11; ++i) {
    ids[i][0] = 6;
    ids[i][1] = i % 6;
    ids[i][1 + i % 3] = 7;
  }
  const torch::Tensor plain = clip.text->encode(ids);
  EXPECT_TRUE(torch::allclose(encode_by_length(clip.text, ids), plain, 1e-5, 1e-6));
  EXPECT_TRUE(
      torch::equal(encode_by_length(clip.text, ids.narrow(0, 2, 1)), clip.text->encode(ids.narrow(0, 2, 1))));
}

TEST(Contrastive, IsReproducible) {
  NewClip first = small_clip();
  NewClip second = small_clip();
  train_contrastive(first, few_steps(), four_greys, session::Runtime{});
  train_contrastive(second, few_steps(), four_greys, session::Runtime{});
  const auto ours = half_state(first);
  for (const auto& [name, tensor] : half_state(second))
    EXPECT_TRUE(torch::equal(tensor, ours.at(name))) << name;
}

TEST(Contrastive, StopsIfTheLossIsNotFinite) {
  NewClip clip = small_clip();
  clip::load_parameter(clip.visual->projection,
                       torch::full({64, 16}, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(test::message_of([&] { train_contrastive(clip, few_steps(), four_greys, session::Runtime{}); }),
            "pre-training: expected a finite loss, got nan at step 0. Use a smaller learning rate.");
}

}  // namespace
}  // namespace mkt::demo
