#include "world/paint.h"

#include <gtest/gtest.h>

#include "world/outline.h"

namespace mkt::demo {
namespace {

const KeyedRandom kRandom({7});

Scene one_object(std::size_t shape, std::size_t colour) {
  Scene scene;
  scene.objects = {{shape, colour, kPlain, 28, 44, 8, 0}};
  return scene;
}

TEST(Paint, IsAFunctionOfSceneAndKey) {
  const Scene scene = one_object(0, 0);
  const torch::Tensor image = paint(scene, kRandom);
  EXPECT_EQ(image.sizes(), (std::vector<std::int64_t>{kImageSize, kImageSize, 3}));
  EXPECT_EQ(image.scalar_type(), torch::kUInt8);
  EXPECT_TRUE(torch::equal(image, paint(scene, kRandom)));
  EXPECT_FALSE(torch::equal(image, paint(scene, KeyedRandom({8}))));
}

/// Two scenes that differ only in an object's colour give images that differ only in its box.
void expect_changes_in_box_only(WorldKind kind, std::size_t shape, std::size_t other_colour) {
  Scene first = one_object(shape, 0);
  first.world = kind;
  Scene second = first;
  second.objects[0].colour = other_colour;
  const torch::Tensor changed =
      (paint(first, kRandom).to(torch::kInt) - paint(second, kRandom).to(torch::kInt)).abs().amax(2).gt(60);
  const torch::Tensor places = changed.nonzero();  // (pixels, 2)
  const std::string name = world(kind).shapes[shape].name;
  ASSERT_GT(places.size(0), 20) << name;
  const Bounds box = bounds(world(kind), first.objects[0]);
  EXPECT_GE(places.select(1, 0).min().item<double>(), box.top - 1) << name;
  EXPECT_LE(places.select(1, 0).max().item<double>(), box.bottom + 1) << name;
  EXPECT_GE(places.select(1, 1).min().item<double>(), box.left - 1) << name;
  EXPECT_LE(places.select(1, 1).max().item<double>(), box.right + 1) << name;
}

TEST(Paint, AnObjectChangesPixelsInItsBoxOnly) {
  for (const WorldKind kind : {WorldKind::kShapes, WorldKind::kSigns, WorldKind::kCatalogue}) {
    for (std::size_t shape = 0; shape < world(kind).shapes.size(); ++shape)
      expect_changes_in_box_only(kind, shape, 4);
  }
}

/// Returns the share of an image's pixels that a texture gives another shade than the plain object's.
double changed_share(WorldKind kind, std::size_t texture) {
  Scene plain = one_object(0, 0);
  plain.world = kind;
  plain.objects[0].radius = 20;
  Scene textured = plain;
  textured.objects[0].texture = texture;
  const torch::Tensor apart =
      paint(plain, kRandom).to(torch::kInt) - paint(textured, kRandom).to(torch::kInt);
  return apart.abs().amax(2).gt(20).to(torch::kFloat64).mean().item<double>();
}

TEST(Paint, TexturesShadeAPartOfTheObject) {
  for (const WorldKind kind : {WorldKind::kShapes, WorldKind::kSigns}) {
    for (std::size_t texture = 1; texture < world(kind).textures.size(); ++texture) {
      const double share = changed_share(kind, texture);
      EXPECT_GT(share, 0.02) << world(kind).textures[texture].name;
      EXPECT_LT(share, 0.2) << world(kind).textures[texture].name;
    }
  }
}

TEST(Paint, ColoursMatchTheirNames) {
  const auto middle = [](std::size_t colour) {
    const torch::Tensor pixel = paint(one_object(1, colour), kRandom)[44][28].to(torch::kInt);
    return std::array<int, 3>{pixel[0].item<int>(), pixel[1].item<int>(), pixel[2].item<int>()};
  };
  EXPECT_GT(middle(0)[0], 150);  // red
  EXPECT_LT(middle(0)[1], 90);
  EXPECT_GT(middle(3)[1], middle(3)[0] + 60);  // green
  EXPECT_GT(middle(4)[2], middle(4)[0] + 60);  // blue
  EXPECT_GT(middle(6)[0], 200);                // white
  EXPECT_LT(middle(7)[1], 70);                 // black
}

/// Returns the mean colour of a world's background, (3) float32.
torch::Tensor mean_colour(WorldKind kind, std::size_t background) {
  Scene scene;
  scene.world = kind;
  scene.background = background;
  return paint(scene, kRandom).to(torch::kFloat32).mean(std::vector<std::int64_t>{0, 1});
}

TEST(Paint, BackgroundsDiffer) {
  for (const WorldKind kind : {WorldKind::kShapes, WorldKind::kSigns, WorldKind::kCatalogue}) {
    const std::size_t count = world(kind).backgrounds.size();
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        EXPECT_GT((mean_colour(kind, a) - mean_colour(kind, b)).abs().max().item<float>(), 12)
            << world(kind).backgrounds[a].name << ", " << world(kind).backgrounds[b].name;
      }
    }
  }
}

}  // namespace
}  // namespace mkt::demo
