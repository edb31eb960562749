#include "image/lettering.h"

#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;

constexpr Colour kNight{0, 0, 0};
constexpr Colour kInk{200, 100, 50};
constexpr std::int64_t kSize = 15;

/// The text on black, (height, width, 3).
torch::Tensor written(const std::string& text) {
  const Lettering lettering(text, kSize);
  torch::Tensor image = blank_image(lettering.height(), std::max<std::int64_t>(lettering.width(), 1), kNight);
  lettering.draw(image, 0, 0, kInk);
  return image;
}

std::int64_t width_of(const std::string& text) {
  return Lettering(text, kSize).width();
}

TEST(Lettering, DrawsInTheColour) {
  const torch::Tensor image = written("Label");
  EXPECT_GT(image.eq(torch::tensor({200, 100, 50}, torch::kUInt8)).all(2).sum().item<int>(), 5);
  EXPECT_LE(image.select(2, 0).max().item<int>(), 200);
  EXPECT_LE(image.select(2, 2).max().item<int>(), 50);
}

TEST(Lettering, DrawsEveryAsciiCharacterDifferently) {
  std::vector<torch::Tensor> looks;
  for (char c = '!'; c <= '~'; ++c) {
    const torch::Tensor look = written(std::string(1, c));
    for (const torch::Tensor& other : looks) EXPECT_FALSE(look.equal(other)) << c;
    looks.push_back(look);
  }
}

TEST(Lettering, DrawsCyrillicGreekAndAccentsFromAFont) {
  for (const char* text : {"\u0441\u043e\u0431\u0430\u043a\u0430", "\u03b3\u03ac\u03c4\u03b1", "caf\u00e9",
                           "\u0628\u062d\u0631"}) {
    EXPECT_EQ(Lettering(text, kSize).missing(), U"") << text;
    EXPECT_FALSE(written(text).equal(written("?"))) << text;
  }
}

TEST(Lettering, JoinsArabicLettersAndWritesThemFromTheRight) {
  const std::string beh = "\u0628";
  const std::string apart = beh + "\u200c" + beh;  // a non-joiner between them
  EXPECT_NE(width_of(beh + beh), width_of(apart));
  const torch::Tensor alef_first = written("\u0627 " + beh + beh);  // alef is a thin stroke
  const std::int64_t width = alef_first.size(1);
  const auto ink = [&](std::int64_t begin, std::int64_t end) {
    return alef_first.slice(1, begin, end).gt(0).sum().item<std::int64_t>();
  };
  EXPECT_GT(ink(0, width / 2), ink(width * 3 / 4, width)) << "the first letter is at the right";
}

TEST(Lettering, NamesCharactersWithoutAFont) {
  EXPECT_EQ(Lettering("a\u0378b", kSize).missing(), U"\u0378");  // not assigned by Unicode
  EXPECT_EQ(Lettering("cat", kSize).missing(), U"");
  EXPECT_EQ(Lettering("", kSize).missing(), U"");
}

TEST(Lettering, ShortensTextToTheWidth) {
  const std::string text = "a rather long label";
  const std::int64_t width = width_of(text);
  EXPECT_EQ(Lettering(text, kSize, width).width(), width);
  const Lettering shortened(text, kSize, width - 1);
  EXPECT_LT(shortened.width(), width);
  EXPECT_GT(shortened.width(), width / 2);
  EXPECT_LE(Lettering("\u0628\u062d\u0631 \u0628\u062d\u0631", kSize, 30).width(), 30);
}

TEST(Lettering, StaysOnOneLine) {
  EXPECT_EQ(Lettering("a\nb", kSize).height(), Lettering("a b", kSize).height());
  EXPECT_EQ(Lettering(std::string("a\0b", 3), kSize).width(), width_of("a b"));
  EXPECT_GT(Lettering("\xff\xfe", kSize).width(), 0);
}

TEST(Lettering, ClipsAtTheBorderOfTheImage) {
  torch::Tensor image = blank_image(5, 5, kNight);
  Lettering("WWW", kSize).draw(image, -8, -6, kInk);
  EXPECT_GT(image.sum().item<int>(), 0);
  const torch::Tensor before = image.clone();
  Lettering("WWW", kSize).draw(image, 50, 50, kInk);
  Lettering("WWW", kSize).draw(image, -500, 0, kInk);
  EXPECT_TRUE(image.equal(before));
}

}  // namespace
}  // namespace mkt::image
