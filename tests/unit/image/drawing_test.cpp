#include "image/drawing.h"

#include <gtest/gtest.h>

#include <set>

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

torch::Tensor written(const std::string& text, std::int64_t scale = 1) {
  torch::Tensor image = blank_image(text_height(scale), text_width(text, scale), kBlack);
  draw_text(image, 0, 0, text, scale, kWhite);
  return image;
}

TEST(DrawText, DrawsLettersNextToEachOther) {
  EXPECT_EQ(dots(written("Lt")), (std::vector<std::string>{"#......#...",  //
                                                           "#......#...",  //
                                                           "#.....###..",  //
                                                           "#......#...",  //
                                                           "#......#...",  //
                                                           "#......#..#",  //
                                                           "#####...##."}));
}

TEST(DrawText, DrawsEveryAsciiCharacterDifferently) {
  std::set<std::vector<std::string>> looks;
  for (char c = ' '; c <= '~'; ++c) looks.insert(dots(written(std::string(1, c))));
  EXPECT_EQ(looks.size(), 95U);
}

TEST(DrawText, EnlargesTheDotsByTheScale) {
  const torch::Tensor small = written("Rx");
  EXPECT_TRUE(torch::equal(written("Rx", 3), small.repeat_interleave(3, 0).repeat_interleave(3, 1)));
}

TEST(DrawText, ShowsOneQuestionMarkForALetterBeyondAscii) {
  EXPECT_EQ(drawable("caf\u00e9 \U0001F600\n"), "caf? ??");
  EXPECT_EQ(dots(written("\u00e9")), dots(written("?")));
}

TEST(DrawText, ClipsAtTheBorderOfTheImage) {
  torch::Tensor image = blank_image(4, 4, kBlack);
  draw_text(image, -3, -3, "###", 2, kWhite);
  fill_box(image, {3, 3, 100, 100}, {1, 2, 3});
  fill_box(image, {-5, -5, 3, 3}, {9, 9, 9});
  EXPECT_EQ(image[3][3][2].item<int>(), 3);
  EXPECT_FALSE(image.eq(9).any().item<bool>());
}

TEST(FittedText, EndsInDotsIfItIsShortened) {
  EXPECT_EQ(fitted_text("mountain", text_width("mountain", 2), 2), "mountain");
  EXPECT_EQ(fitted_text("mountain", text_width("mountain", 2) - 1, 2), "mount..");
  EXPECT_EQ(fitted_text("mountain", 4, 2), "");
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
