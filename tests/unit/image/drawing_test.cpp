#include "image/drawing.h"

#include <gtest/gtest.h>

#include "mkt/torch.h"

namespace mkt::image {
namespace {

constexpr Colour kBlack{0, 0, 0};
constexpr Colour kWhite{255, 255, 255};

/// Shows the image as text, one line per row: '#' for drawn pixels, '.' for black.
std::vector<std::string> dots(const torch::Tensor& image) {
  std::vector<std::string> lines;
  for (std::int64_t y = 0; y < image.size(0); ++y) {
    lines.emplace_back();
    for (std::int64_t x = 0; x < image.size(1); ++x)
      lines.back() += image[y][x][0].item<int>() > 0 ? '#' : '.';
  }
  return lines;
}

TEST(FillBox, ClipsAtTheBorderOfTheImage) {
  torch::Tensor image = blank_image(4, 4, kBlack);
  fill_box(image, {3, 3, 100, 100}, {1, 2, 3});
  fill_box(image, {-5, -5, 3, 3}, {9, 9, 9});
  EXPECT_EQ(image[3][3][2].item<int>(), 3);
  EXPECT_FALSE(image.eq(9).any().item<bool>());
}

TEST(DrawFrame, DoesNotChangeTheInside) {
  torch::Tensor image = blank_image(6, 6, kBlack);
  draw_frame(image, {1, 1, 4, 4}, 1, kWhite);
  EXPECT_EQ(dots(image), (std::vector<std::string>{"......",  //
                                                   ".####.",  //
                                                   ".#..#.",  //
                                                   ".#..#.",  //
                                                   ".####.",  //
                                                   "......"}));
}

}  // namespace
}  // namespace mkt::image
