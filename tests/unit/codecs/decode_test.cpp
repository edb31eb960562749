#include "mkt/codecs/decode.h"

#include <png.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;

void append(png_structp png, png_bytep data, std::size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), size);
}

/// Encodes a PNG file in which each pixel row is `row`. If `row` is empty, the file ends after an empty IDAT
/// chunk.
std::string make_png(png_uint_32 width, png_uint_32 height, int depth, int type,
                     const std::vector<png_byte>& row) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append, nullptr);
  png_set_IHDR(png, info, width, height, depth, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (png_uint_32 y = 0; y < height && !row.empty(); ++y) png_write_row(png, row.data());
  if (row.empty()) png_write_chunk(png, reinterpret_cast<png_const_bytep>("IDAT"), nullptr, 0);
  if (!row.empty()) png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

TEST(Decode, GivesThreeChannelsForEveryKindOfFile) {
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes = {
      {"420.jpg", {400, 600, 3}},  {"cmyk.jpg", {427, 640, 3}},    {"gray.jpg", {512, 512, 3}},
      {"rgba.png", {150, 225, 3}}, {"palette.png", {200, 300, 3}}, {"one_pixel.png", {1, 1, 3}},
  };
  for (const auto& [name, shape] : shapes) {
    const torch::Tensor image = golden_image("images/" + name);
    EXPECT_EQ(image.sizes(), c10::IntArrayRef(shape)) << name;
    EXPECT_EQ(image.scalar_type(), torch::kUInt8) << name;
    EXPECT_TRUE(image.is_contiguous()) << name;
  }
}

TEST(Decode, DoesNotRotateByExif) {
  EXPECT_EQ(golden_image("images/exif_rotated.jpg").sizes(), (std::vector<std::int64_t>{427, 640, 3}));
}

TEST(Decode, KeepsGreyImagesGrey) {
  const torch::Tensor image = golden_image("images/gray.jpg");
  EXPECT_TRUE(image.select(2, 0).equal(image.select(2, 1)));
  EXPECT_TRUE(image.select(2, 0).equal(image.select(2, 2)));
}

TEST(Decode, TakesTheHighByteOfSixteenBits) {
  const std::string grey = make_png(2, 3, 16, PNG_COLOR_TYPE_GRAY, {0x12, 0x34, 0xFE, 0xFF});
  const torch::Tensor expected =
      torch::tensor({0x12, 0xFE}, torch::kUInt8).reshape({1, 2, 1}).expand({3, 2, 3});
  EXPECT_TRUE(decode_bytes(grey, "grey").equal(expected));
}

TEST(Decode, DropsAlphaWithoutBlending) {
  const std::string clear = make_png(1, 1, 8, PNG_COLOR_TYPE_RGBA, {10, 20, 30, 0});
  EXPECT_TRUE(decode_bytes(clear, "clear").flatten().equal(torch::tensor({10, 20, 30}, torch::kUInt8)));
}

TEST(Decode, ReadsATruncatedJpegAsFarAsPossible) {
  const std::string whole = file_text(golden("images/420.jpg"));
  const torch::Tensor image = decode_bytes(whole, "whole");
  const torch::Tensor half = decode_bytes(whole.substr(0, whole.size() / 2), "half");
  EXPECT_TRUE(half.narrow(0, 0, 100).equal(image.narrow(0, 0, 100)));
  EXPECT_FALSE(half.narrow(0, 300, 100).equal(image.narrow(0, 300, 100)));
}

TEST(Decode, ReadsATruncatedPngAsFarAsPossibleAndFillsItWithBlack) {
  const std::string whole = file_text(golden("images/exact.png"));
  const torch::Tensor image = decode_bytes(whole, "whole");
  const torch::Tensor half = decode_bytes(whole.substr(0, whole.size() / 2), "half");
  EXPECT_TRUE(half.narrow(0, 0, 60).equal(image.narrow(0, 0, 60)));
  EXPECT_EQ(half.narrow(0, 200, 24).max().item<int>(), 0);
}

const std::string kNoPixels = "that ends before its first row of pixels";

TEST(Decode, RejectsAPngWithoutPixels) {
  const std::string whole = file_text(golden("images/exact.png"));
  const std::size_t data = whole.find("IDAT") + 4;
  const auto message = [&](std::size_t size) {
    return message_of([&] { decode_bytes(whole.substr(0, size), "cut.png"); });
  };
  for (const std::size_t kept : {0, 1, 20}) {
    expect_part(message(data + kept), "cut.png: expected an image, got a PNG file " + kNoPixels + " (");
  }
  expect_part(message(data - 8), "cut.png: expected an image, got a PNG file with a malformed header");
  const std::string empty = make_png(4, 4, 8, PNG_COLOR_TYPE_RGB, {});
  expect_part(message_of([&] { decode_bytes(empty, "empty.png"); }),
              "empty.png: expected an image, got a PNG");
}

TEST(Decode, RejectsAJpegWithoutPixels) {
  for (const std::string name : {"420.jpg", "gray.jpg", "cmyk.jpg", "progressive.jpg"}) {
    const std::string whole = file_text(golden("images/" + name));
    const std::size_t scan = whole.find("\xFF\xDA");
    const std::size_t data = scan + 2 + static_cast<unsigned char>(whole[scan + 3]);  // after the scan header
    for (const std::string end : {"", "\xFF\xD9"}) {
      for (const std::size_t kept : {0, 1, 9}) {
        const std::string cut = whole.substr(0, data + kept) + end;
        expect_part(message_of([&] { decode_bytes(cut, name); }),
                    name + ": expected an image, got a JPEG file " + kNoPixels + ". Replace or remove");
      }
    }
  }
}

TEST(Decode, ReadsAJpegThatLacksOnlyItsEndMarker) {
  const std::string whole = file_text(golden("images/420.jpg"));
  const std::string open = whole.substr(0, whole.size() - 2);
  EXPECT_TRUE(decode_bytes(open, "open").equal(decode_bytes(whole, "whole")));
}

TEST(Decode, ReadsOrRejectsFilesOfEveryLength) {
  for (const std::string name : {"tall.jpg", "progressive.jpg", "cmyk.jpg", "small.png", "palette.png"}) {
    const std::string whole = file_text(golden("images/" + name));
    for (std::size_t length = 0; length < whole.size(); length += length < 700 ? 7 : whole.size() / 9) {
      const std::string message = message_of([&] { decode_bytes(whole.substr(0, length), "cut"); });
      if (!message.empty()) expect_part(message, "cut: expected");
    }
  }
}

TEST(Decode, ReadsOrRejectsDamagedFiles) {
  KeyedRandom random({5});
  for (const std::string name : {"wide.jpg", "palette.png"}) {
    const std::string whole = file_text(golden("images/" + name));
    for (int i = 0; i < 100; ++i) {
      std::string damaged = whole;
      for (int k = 0; k < 5; ++k) damaged[random.below(whole.size())] = static_cast<char>(random.below(256));
      const std::string message = message_of([&] { decode_bytes(damaged, "damaged"); });
      if (!message.empty()) expect_part(message, "damaged: expected");
    }
  }
}

torch::Tensor part_of_image(const torch::Tensor& image, const Box& box) {
  return image.narrow(0, box.top, box.height).narrow(1, box.left, box.width);
}

TEST(ImageFile, ReadsThePixelsOfTheWholeImageAtEveryOffset) {
  for (const std::string name : {"420.jpg", "422.jpg", "444.jpg", "gray.jpg", "progressive.jpg", "cmyk.jpg",
                                 "tall.jpg", "exact.png"}) {
    const std::string bytes = file_text(golden("images/" + name));
    const torch::Tensor whole = decode_bytes(bytes, name);
    const std::int64_t height = whole.size(0);
    const std::int64_t width = whole.size(1);
    std::vector<Box> boxes;
    for (std::int64_t i = 0; i < 34; ++i) {  // offsets in two 16-pixel blocks and beyond
      const std::int64_t left = std::min(i, width - 1);
      const std::int64_t top = std::min(i, height - 1);
      boxes.push_back({left, 0, std::min<std::int64_t>(1 + i % 5, width - left), height});
      boxes.push_back({0, top, width, std::min<std::int64_t>(1 + i % 5, height - top)});
      boxes.push_back({left, top, width - left, height - top});
      boxes.push_back({0, 0, width - left, height - top});
    }
    for (const Box& box : boxes) {
      ImageFile file(bytes, name);
      EXPECT_TRUE(file.read(box).equal(part_of_image(whole, box)))
          << name << ": " << box.width << " x " << box.height << " at " << box.left << ", " << box.top;
    }
  }
}

TEST(ImageFile, ShrinksJpegsAndTheirParts) {
  for (const std::int64_t denominator : {1, 2, 4, 8}) {
    for (const std::string name : {"420.jpg", "422.jpg", "gray.jpg", "cmyk.jpg", "progressive.jpg"}) {
      const torch::Tensor full = golden_image("images/" + name);
      ImageFile file(golden("images/" + name));
      file.shrink(denominator);
      ASSERT_EQ(file.height(), (full.size(0) + denominator - 1) / denominator) << name;
      ASSERT_EQ(file.width(), (full.size(1) + denominator - 1) / denominator) << name;
      const torch::Tensor whole = file.read({0, 0, file.width(), file.height()});
      const Box box{7, 5, file.width() / 2, file.height() / 3};
      EXPECT_TRUE(file.read(box).equal(part_of_image(whole, box))) << name << " by " << denominator;
      EXPECT_NEAR(whole.to(torch::kDouble).mean().item<double>(),
                  full.to(torch::kDouble).mean().item<double>(), 1)
          << name << " by " << denominator;
    }
  }
  ImageFile png(golden("images/exact.png"));
  const std::int64_t height = png.height();
  png.shrink(8);
  EXPECT_EQ(png.height(), height);
  ImageFile jpeg(golden("images/420.jpg"));
  expect_part(message_of([&] { jpeg.shrink(3); }), "denominator: expected 1, 2, 4 or 8, got 3");
}

TEST(ImageFile, CanBeReadAgain) {
  for (const std::string name : {"420.jpg", "exact.png"}) {
    ImageFile file(golden("images/" + name));
    const Box box{20, 30, 50, 40};
    const torch::Tensor first = file.read(box);
    EXPECT_TRUE(file.read({0, 0, file.width(), file.height()}).equal(golden_image("images/" + name)));
    EXPECT_TRUE(file.read(box).equal(first));
  }
}

TEST(ImageFile, ReadsThePixelsOfTheWholeImageFromDamagedFiles) {
  KeyedRandom random({6});
  for (const std::string name : {"420.jpg", "wide.jpg", "gray.jpg"}) {
    const std::string bytes = file_text(golden("images/" + name));
    for (int i = 0; i < 60; ++i) {
      std::string damaged =
          bytes.substr(0, i % 3 == 0 ? 700 + random.below(bytes.size() - 700) : bytes.size());
      for (int k = 0; k < i % 4; ++k)
        damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
      torch::Tensor whole;
      const std::string fault = message_of([&] { whole = decode_bytes(damaged, "x"); });
      torch::Tensor part;
      Box box;
      const std::string other = message_of([&] {
        ImageFile file(damaged, "x");
        box = {file.width() / 3, file.height() / 2, file.width() / 2, file.height() / 3};
        part = file.read(box);
      });
      ASSERT_EQ(other, fault) << name << " " << i;
      if (fault.empty()) {
        ASSERT_TRUE(part.equal(part_of_image(whole, box))) << name << " " << i;
      }
    }
  }
}

TEST(ImageFile, RejectsBoxesOutsideTheImage) {
  ImageFile file(golden("images/420.jpg"));
  expect_part(message_of([&] {
                file.read({500, 0, 200, 10});
              }),
              "box: expected a part of 600 x 400, got 200 x 10 at (500, 0)");
}

TEST(Decode, NamesTheFileAndItsContent) {
  const auto message = [](const std::string& name) { return message_of([&] { golden_image(name); }); };
  expect_part(
      message("bad/empty.jpg"),
      "bad/empty.jpg: expected a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image, got an empty file");
  expect_part(message("bad/html.jpg"),
              "bad/html.jpg: expected a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image, got an HTML or "
              "XML page");
  expect_part(message("bad/header_only.jpg"),
              "bad/header_only.jpg: expected an image, got a JPEG file with a malformed header");
  expect_part(message("README.md"),
              "README.md: expected a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image, got a text file");
  expect_part(message("images"), "images: expected an image file, got a folder");
  expect_part(message("nothing.jpg"), "nothing.jpg: expected an image, got no file (No such file");
}

TEST(Decode, NamesOtherFormats) {
  const auto message = [](const std::string& bytes) { return message_of([&] { decode_bytes(bytes, "x"); }); };
  expect_part(message(std::string("\0\0\0\x14"
                                  "ftypisom\0\0\0\0mp42",
                                  20)),
              "got a video or another HEIF file");
  expect_part(message("version https://git-lfs.github.com/spec/v1\n"), "got a Git LFS pointer");
  expect_part(message(std::string("\x01\x02\x03\x04", 4)), "got an unknown format");
}

TEST(Decode, RejectsTooManyPixelsBeforeDecoding) {
  const std::string png = make_png(32768, 32768, 8, PNG_COLOR_TYPE_RGB, {});
  expect_part(message_of([&] { decode_bytes(png, "bomb.png"); }),
              "bomb.png: expected an image of at most 134217728 pixels, got 32768 x 32768");
  std::string jpeg = file_text(golden("images/420.jpg"));
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");  // sets the size to 65500 x 65500
  const std::string message = message_of([&] { decode_bytes(jpeg, "bomb.jpg"); });
  expect_part(message, "bomb.jpg: expected an image of at most 134217728 pixels, got 65500 x 65500");
}

TEST(Decode, IsThreadSafe) {
  const torch::Tensor image = golden_image("images/420.jpg");
  std::vector<char> same(16);
  std::vector<std::thread> threads;
  threads.reserve(same.size());
  for (char& result : same) {
    threads.emplace_back([&] { result = static_cast<char>(golden_image("images/420.jpg").equal(image)); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::count(same.begin(), same.end(), 1), 16);
}

}  // namespace
}  // namespace mkt::image
