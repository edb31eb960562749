#include "mkt/image/resample.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>

#include "image/passes.h"
#include "image/warp.h"
#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;

torch::Tensor crop(const torch::Tensor& image, const Box& box) {
  return image.narrow(0, box.top, box.height).narrow(1, box.left, box.width);
}

/// Resizes only the input pixels that are needed; returns the resized image's pixels inside `box`.
torch::Tensor resize_part(const torch::Tensor& image, std::int64_t height, std::int64_t width,
                          const Box& box) {
  const Resize resize{image.size(0), image.size(1), height, width, box};
  return resample(crop(image, input_of(resize)), resize);
}

TEST(Resample, AgreesWithPillow) {
  const torch::Tensor input = golden_image("augment/input.png");
  const std::vector<std::pair<std::string, Box>> crops = {{"resized_crop_0_0_160_120", {0, 0, 160, 120}},
                                                          {"resized_crop_10_5_110_95", {10, 5, 100, 90}},
                                                          {"resized_crop_40_30_71_83", {40, 30, 31, 53}}};
  for (const auto& [name, box] : crops) {
    const torch::Tensor resized = resize(crop(input, box).contiguous(), 224, 224);
    EXPECT_LT(mean_difference(resized, golden_image("augment/" + name + ".png")), 0.05) << name;
  }
}

TEST(Resize, KeepsAPlainColourAndDoesNotChangeItsInput) {
  const torch::Tensor image = torch::full({5, 3, 3}, 77, torch::kUInt8);
  EXPECT_TRUE(resize(image, 40, 2).equal(torch::full({40, 2, 3}, 77, torch::kUInt8)));
  EXPECT_TRUE(image.equal(torch::full({5, 3, 3}, 77, torch::kUInt8)));
}

TEST(Resize, RejectsTooManyPixels) {
  expect_part(message_of([] { resize(noise(1, 9), 256, 1 << 20); }),
              "resize: expected 1 to 134217728 pixels, got 1048576 x 256");
}

torch::Tensor resized_by_aten(const torch::Tensor& image, std::int64_t height, std::int64_t width) {
  const torch::Tensor planes = image.unsqueeze(0).permute({0, 3, 1, 2});  // (1, 3, H, W)
  return at::_upsample_bicubic2d_aa(planes, {height, width}, /*align_corners=*/false)[0].permute({1, 2, 0});
}

TEST(Resize, IsBitIdenticalToAtensKernel) {
  for (const auto& [height, width] : {std::pair<int, int>{375, 500}, {1, 1}, {2, 700}, {93, 40}, {64, 48}}) {
    const torch::Tensor image = noise(height, width);
    for (const auto& [high, wide] : {std::pair<int, int>{256, 341}, {224, 224}, {64, 48}, {7, 3}, {1, 1}}) {
      EXPECT_TRUE(resize(image, high, wide).equal(resized_by_aten(image, high, wide)))
          << width << " x " << height << " to " << wide << " x " << high;
    }
  }
}

TEST(Resample, MirrorsTheResult) {
  const torch::Tensor image = noise(40, 31);
  const Resize plain{40, 31, 25, 60, {3, 1, 50, 20}};
  Resize mirrored = plain;
  mirrored.mirrored = true;
  const Box input = input_of(plain);
  const torch::Tensor part = crop(image, input);
  EXPECT_TRUE(resample(part, mirrored).equal(resample(part, plain).flip(1)));
}

TEST(Resample, RejectsAnInputOfAnotherSize) {
  expect_part(message_of([] {
                resample(noise(40, 30), {40, 31, 25, 60, {0, 0, 60, 25}});
              }),
              "part: expected 31 x 40, the input of the resize, got 30 x 40");
}

std::vector<std::uint8_t> bytes_of(const torch::Tensor& image) {
  const auto* bytes = image.const_data_ptr<std::uint8_t>();
  return {bytes, bytes + image.numel()};
}

TEST(Kernels, AgreeForEveryWidth) {
  if (!has_avx2()) GTEST_SKIP() << "no AVX2";
  for (std::size_t width = 1; width < 40; ++width) {
    const auto columns = static_cast<std::int64_t>(width);
    const std::vector<std::uint8_t> in = bytes_of(noise(9, columns));  // sanitizers find reads past the end
    const Taps narrow({columns, 17, 0, 17});
    const Taps low({9, 5, 0, 5});
    const auto made = [&](Kernel kernel) {
      std::vector<std::uint8_t> middle(9 * padded_bytes(17));
      across({in.data(), 3 * width, 9, width}, 0, narrow, middle.data(), kernel);
      std::vector<std::uint8_t> out(std::size_t{5} * 3 * 17);
      down({middle.data(), padded_bytes(17), 9, 17}, 0, low, out.data(), kernel);
      std::vector<std::uint8_t> planes(in.size());
      split(in.data(), 9 * width, planes.data(), kernel);
      out.insert(out.end(), planes.begin(), planes.end());
      return out;
    };
    EXPECT_EQ(made(Kernel::kAvx2), made(Kernel::kPlain)) << width;
  }
}

TEST(Kernels, AgreeInWarps) {
  if (!has_avx2()) GTEST_SKIP() << "no AVX2";
  const std::array<double, 6> matrices[] = {{0.9, -0.4, 3, 0.4, 0.9, -2}, {1, 0.27, 0, 0, 1, 0},
                                            {1, 0, 0, -0.27, 1, 0},       {1, 0, 4.6, 0, 1, 0},
                                            {1, 0, 0, 0, 1, -4.6},        {1, 0, 2, 0, 1, -3}};
  for (const auto& [height, width] : {std::pair<int, int>{1, 1}, {5, 3}, {20, 7}, {31, 40}}) {
    const std::vector<std::uint8_t> in = bytes_of(noise(height, width));
    const Pixels image{in.data(), height, width};  // C++17 captures no structured bindings
    for (const auto& matrix : matrices) {
      const auto made = [&](Kernel kernel) {
        std::vector<std::uint8_t> out(in.size());
        warp(image, matrix, {124, 116, 104}, out.data(), kernel);
        return out;
      };
      EXPECT_EQ(made(Kernel::kAvx2), made(Kernel::kPlain)) << width << " x " << height << ", " << matrix[1];
    }
  }
}

TEST(Resample, GivesThePixelsOfTheWholeResize) {
  struct Sizes {
    std::int64_t height, width, new_height, new_width;
  };
  const Sizes cases[] = {{1, 300, 64, 19200},  {300, 1, 19200, 64},  {3, 1000, 64, 21333},
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

TEST(Resample, RejectsBoxesOutsideAndTooLongSides) {
  const torch::Tensor image = noise(1, 9);
  expect_part(message_of([&] {
                resize_part(image, 64, 576, {0, 10, 64, 64});
              }),
              "box: expected a part of 576 x 64, got 64 x 64 at (0, 10)");
  expect_part(message_of([&] {
                resize_part(image, 64, std::int64_t{1} << 28, {0, 0, 64, 64});
              }),
              "resize: expected sides of 1 to 134217728 pixels, got 268435456 x 64 from 9 x 1");
}

TEST(Affine, MovesWholePixelsAndFillsTheRest) {
  const torch::Tensor image = noise(6, 8);
  const torch::Tensor moved = affine(image, {1, 0, 2, 0, 1, 0}, {1, 2, 3});
  EXPECT_TRUE(moved.narrow(1, 0, 6).equal(image.narrow(1, 2, 6)));
  EXPECT_TRUE(moved[0][7].equal(torch::tensor({1, 2, 3}, torch::kUInt8)));
}

}  // namespace
}  // namespace mkt::image
