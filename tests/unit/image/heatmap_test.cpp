#include "image/heatmap.h"

#include <gtest/gtest.h>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::image {
namespace {

TEST(Viridis, GetsLighterMonotonically) {
  const torch::Tensor colours = viridis(torch::linspace(0, 1, 200)).to(torch::kFloat32);  // (200, 3)
  const torch::Tensor light = colours.mv(torch::tensor({0.2126F, 0.7152F, 0.0722F}));
  EXPECT_GT(light.diff().min().item<float>(), -1.0F);  // increases, except for rounding to bytes
  EXPECT_TRUE(torch::equal(colours[0], torch::tensor({68.0F, 1.0F, 84.0F})));
  EXPECT_TRUE(torch::equal(colours[199], torch::tensor({253.0F, 231.0F, 37.0F})));
}

TEST(PatchMap, IsBrightestInTheBestPatch) {
  for (const std::int64_t best : {0, 5, 11, 14}) {
    torch::Tensor products = test::formula_tensor("map", {16}, -3, 2);
    products[best] = 5;
    const torch::Tensor map = patch_map(products, 32);  // patches of 8 × 8 pixels
    ASSERT_EQ(map.sizes(), (std::vector<std::int64_t>{32, 32}));
    const auto brightest = map.argmax().item<std::int64_t>();
    const Box box = brightest_patch(products, 32);
    EXPECT_EQ(box.top / 8 * 4 + box.left / 8, best);
    EXPECT_EQ(brightest / 32 / 8 * 8, box.top) << best;
    EXPECT_EQ(brightest % 32 / 8 * 8, box.left) << best;
    EXPECT_LE(map.max().item<float>(), 1);
    EXPECT_GE(map.min().item<float>(), 0);
  }
}

TEST(PatchMap, IsZeroForEqualProducts) {
  EXPECT_TRUE(torch::equal(patch_map(torch::full({9}, 0.3), 12), torch::zeros({12, 12})));
}

TEST(PatchMap, RejectsAnythingButASquareGrid) {
  EXPECT_EQ(
      test::message_of([] { patch_map(torch::zeros({15}), 32); }),
      "products: expected those of a square grid of patches, got [15]. Pass the products of one image.");
}

TEST(BlendHeatmap, BlendsTheGreyImageWithTheColours) {
  torch::Tensor image = torch::zeros({8, 8, 3}, torch::kUInt8);
  image.slice(1, 4).fill_(255);
  const torch::Tensor blended = blend_heatmap(image, torch::tensor({0.0F, 0.0F, 0.0F, 0.0F}));
  ASSERT_EQ(blended.sizes(), image.sizes());
  EXPECT_EQ(blended.scalar_type(), torch::kUInt8);
  // Viridis's darkest colour, (68, 1, 84), at opacity 0.6 over black and over white.
  EXPECT_TRUE(torch::equal(blended[2][1], torch::tensor({41, 1, 50}, torch::kUInt8)));
  EXPECT_TRUE(torch::equal(blended[2][6], torch::tensor({143, 103, 152}, torch::kUInt8)));
}

TEST(AsInterleaved, PutsTheColoursLast) {
  const torch::Tensor image = test::formula_tensor("picture", {3, 4, 4}, 0, 255).to(torch::kUInt8);
  const torch::Tensor picture = as_interleaved(image);
  EXPECT_TRUE(picture.is_contiguous());
  EXPECT_EQ(picture[1][2][0].item<int>(), image[0][1][2].item<int>());
}

}  // namespace
}  // namespace mkt::image
