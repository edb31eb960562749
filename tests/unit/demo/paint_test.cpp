#include "demo/paint.h"

#include <gtest/gtest.h>

#include "demo/outline.h"

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
TEST(Paint, AnObjectChangesPixelsInItsBoxOnly) {
  for (std::size_t shape = 0; shape < kShapes.size(); ++shape) {
    const Scene red = one_object(shape, 0);
    const Scene blue = one_object(shape, 4);
    const torch::Tensor changed = (paint(red, kRandom).to(torch::kInt) - paint(blue, kRandom).to(torch::kInt))
                                      .abs()
                                      .amax(2)
                                      .gt(60);  // (H, W)
    const torch::Tensor places = changed.nonzero();
    ASSERT_GT(places.size(0), 20) << kShapes[shape];
    const Bounds box = bounds(red.objects[0]);
    EXPECT_GE(places.select(1, 0).min().item<double>(), box.top - 1) << kShapes[shape];
    EXPECT_LE(places.select(1, 0).max().item<double>(), box.bottom + 1) << kShapes[shape];
    EXPECT_GE(places.select(1, 1).min().item<double>(), box.left - 1) << kShapes[shape];
    EXPECT_LE(places.select(1, 1).max().item<double>(), box.right + 1) << kShapes[shape];
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

TEST(Paint, BackgroundsDiffer) {
  std::set<std::int64_t> means;
  for (std::size_t background = 0; background < kBackgrounds.size(); ++background) {
    Scene scene;
    scene.background = background;
    means.insert(
        static_cast<std::int64_t>(paint(scene, kRandom).to(torch::kFloat32).mean().item<double>() / 4));
  }
  EXPECT_EQ(means.size(), kBackgrounds.size());
}

}  // namespace
}  // namespace mkt::demo
