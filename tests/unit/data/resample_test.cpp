#include "mkt/data/resample.h"

#include "images.h"

namespace mkt::data {
namespace {

using namespace test;

TEST(Resample, CropTakesThePart) {
  const torch::Tensor image = noise(7, 9);
  EXPECT_TRUE(crop(image, {2, 3, 4, 2}).equal(image.narrow(0, 3, 2).narrow(1, 2, 4)));
}

TEST(Resample, CropRefusesWhatIsOutside) {
  expect_part(message_of([] {
                crop(noise(7, 9), {6, 0, 4, 2});
              }),
              "box: expected a part of 9 x 7, got 4 x 2 at (6, 0)");
}

TEST(Resample, ResizedCropsAreThoseOfPillow) {
  const torch::Tensor input = golden_image("augment/input.png");
  const std::vector<std::pair<std::string, Box>> crops = {{"resized_crop_0_0_160_120", {0, 0, 160, 120}},
                                                          {"resized_crop_10_5_110_95", {10, 5, 100, 90}},
                                                          {"resized_crop_40_30_71_83", {40, 30, 31, 53}}};
  for (const auto& [name, box] : crops) {
    const torch::Tensor resized = resize(crop(input, box), 224, 224);
    EXPECT_LT(mean_difference(resized, golden_image("augment/" + name + ".png")), 0.05) << name;
  }
}

TEST(Resample, ResizeKeepsPlainColourAndLeavesItsInput) {
  const torch::Tensor image = torch::full({5, 3, 3}, 77, torch::kUInt8);
  EXPECT_TRUE(resize(image, 40, 2).equal(torch::full({40, 2, 3}, 77, torch::kUInt8)));
  EXPECT_TRUE(image.equal(torch::full({5, 3, 3}, 77, torch::kUInt8)));
}

TEST(Resample, ResizeRefusesResultsWithoutBound) {
  expect_part(message_of([] { resize(noise(1, 9), 256, 1 << 20); }),
              "resize: expected 1 to 134217728 pixels, got 1048576 x 256");
}

TEST(Resample, APartIsThatOfTheWhole) {
  struct Case {
    std::int64_t height, width, new_height, new_width;
  };
  const Case cases[] = {{1, 300, 64, 19200},  {300, 1, 19200, 64},  {3, 1000, 64, 21333},
                        {1000, 7, 9142, 64},  {90, 4000, 64, 2844}, {500, 375, 341, 256},
                        {375, 500, 256, 341}, {64, 700, 64, 700},   {5, 9, 64, 115}};
  for (const auto& [height, width, new_height, new_width] : cases) {
    const torch::Tensor image = noise(height, width);
    const torch::Tensor whole = resize(image, new_height, new_width);
    const std::int64_t size = std::min<std::int64_t>(56, std::min(new_height, new_width));
    const Box centre{(new_width - size) / 2, (new_height - size) / 2, size, size};
    const Box end{new_width - size, new_height - size, size, size};
    for (const Box& box : {centre, end, Box{0, 0, size, size}}) {
      EXPECT_TRUE(resize_part(image, new_height, new_width, box).equal(crop(whole, box)))
          << width << " x " << height << " at " << box.left << ", " << box.top;
    }
  }
}

TEST(Resample, APartRefusesWhatIsOutsideAndWhatHasNoBound) {
  const torch::Tensor image = noise(1, 9);
  expect_part(message_of([&] {
                resize_part(image, 64, 576, {0, 10, 64, 64});
              }),
              "box: expected a part of 576 x 64, got 64 x 64 at (0, 10)");
  expect_part(message_of([&] {
                resize_part(image, 64, std::int64_t{1} << 28, {0, 0, 64, 64});
              }),
              "resize: expected sides of at most 134217728 pixels, got 268435456 x 64 from 9 x 1");
}

TEST(Resample, AffineByWholePixelsMovesThemAndFillsTheRest) {
  const torch::Tensor image = noise(6, 8);
  const torch::Tensor moved = affine(image, {1, 0, 2, 0, 1, 0}, {1, 2, 3});
  EXPECT_TRUE(moved.narrow(1, 0, 6).equal(image.narrow(1, 2, 6)));
  EXPECT_TRUE(moved[0][7].equal(torch::tensor({1, 2, 3}, torch::kUInt8)));
}

}  // namespace
}  // namespace mkt::data
