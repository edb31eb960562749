// Compares the files of tests/data/codecs with the pixels that Pillow reads from them.

#include <algorithm>
#include <filesystem>
#include <set>

#include "codecs/codec.h"
#include "support/files.h"
#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;
namespace fs = std::filesystem;

std::string data_file(const std::string& name) {
  return std::string(MKT_TEST_DATA) + "/codecs/" + name;
}

bool has_ending(const std::string& text, const std::string& ending) {
  return text.size() > ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// Names of the image files, without those of expected pixels; sorted.
std::vector<std::string> image_files(const std::string& ending = "") {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(data_file(""))) {
    const std::string name = entry.path().filename().string();
    const bool expected = has_ending(name, ".upright.png") || name.find('.') != name.rfind('.');
    if (!expected && !has_ending(name, ".py") && (ending.empty() || has_ending(name, ending)))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Largest difference per value and largest mean difference from Pillow's pixels. Only lossy formats with
/// another decoder, or another version of it, differ.
struct Tolerance {
  int most;
  double mean;
};

Tolerance tolerance_of(const std::string& name) {
  if (has_ending(name, ".heic")) return {1, 0.05};
  if (has_ending(name, ".avif")) return {6, 1.2};  // Pillow's libavif interpolates chroma, libheif repeats it
  return {0, 0};
}

void expect_pixels(const std::string& name, const std::string& expected, ExifRotation rotation) {
  const torch::Tensor image = decode_file(data_file(name), rotation);
  const torch::Tensor pillow = decode_file(data_file(expected));
  ASSERT_EQ(image.sizes(), pillow.sizes()) << name;
  const Tolerance tolerance = tolerance_of(name);
  EXPECT_LE(difference(image, pillow).max().item<int>(), tolerance.most) << expected;
  EXPECT_LE(mean_difference(image, pillow), tolerance.mean) << expected;
}

TEST(Files, HavePillowsPixels) {
  const std::vector<std::string> names = image_files();
  EXPECT_GE(names.size(), 67U);
  for (const std::string& name : names) expect_pixels(name, name + ".png", ExifRotation::kIgnore);
}

TEST(Files, AreTurnedUprightAsByPillow) {
  int turned = 0;
  for (const std::string& name : image_files()) {
    if (!fs::exists(data_file(name + ".upright.png"))) {
      expect_pixels(name, name + ".png", ExifRotation::kApply);
      continue;
    }
    expect_pixels(name, name + ".upright.png", ExifRotation::kApply);
    ++turned;
  }
  EXPECT_GE(turned, 17);
}

TEST(Files, GiveEveryPartOfTheUprightImage) {
  for (const std::string& name : image_files()) {
    for (const ExifRotation rotation : {ExifRotation::kIgnore, ExifRotation::kApply}) {
      const torch::Tensor whole = decode_file(data_file(name), rotation);
      ImageFile file(data_file(name), rotation);
      ASSERT_EQ(file.height(), whole.size(0)) << name;
      ASSERT_EQ(file.width(), whole.size(1)) << name;
      const Box box{3, 5, file.width() - 7, file.height() - 6};
      const torch::Tensor part = whole.narrow(0, box.top, box.height).narrow(1, box.left, box.width);
      EXPECT_TRUE(file.read(box).equal(part)) << name;
      EXPECT_FALSE(file.is_damaged()) << name;
    }
  }
}

/// Decodes damaged bytes; expects pixels or an error of one line that names the file.
std::string decode_damaged(const std::string& bytes, const std::string& name) {
  const std::string message = message_of([&] { decode_bytes(bytes, name, ExifRotation::kApply); });
  if (!message.empty()) {
    EXPECT_EQ(message.rfind(name + ": expected", 0), 0U) << message;
    EXPECT_EQ(message.substr(0, message.find("\nException")).find('\n'), std::string::npos) << message;
  }
  return message;
}

TEST(Files, AreReadOrRejectedIfTruncated) {
  for (const std::string& name : image_files()) {
    const std::string whole = file_text(data_file(name));
    const std::size_t step = std::max<std::size_t>(whole.size() / 40, 1);
    for (std::size_t length = 0; length < whole.size(); length += length < 64 ? 5 : step)
      decode_damaged(whole.substr(0, length), name);
  }
}

TEST(Files, AreReadOrRejectedIfDamaged) {
  KeyedRandom random({7});
  for (const std::string& name : image_files()) {
    const std::string whole = file_text(data_file(name));
    for (int i = 0; i < 60; ++i) {
      std::string damaged = whole;
      const std::uint64_t within = i % 2 == 0 ? whole.size() : std::min<std::size_t>(whole.size(), 120);
      for (int k = 0; k < 4; ++k) damaged[random.below(within)] = static_cast<char>(random.below(256));
      decode_damaged(damaged, name);
    }
  }
}

void expect_damaged(const std::string& bytes, const std::string& path) {
  ImageFile file(bytes, path);
  const torch::Tensor part = file.read({0, 0, file.width(), file.height()});
  EXPECT_TRUE(file.is_damaged()) << path;
  const torch::Tensor whole = decode_file(path);
  EXPECT_FALSE(part.equal(whole)) << path;
  EXPECT_GT(part.eq(whole).all(2).sum().item<int>(), 30) << path;  // the pixels before the end
}

TEST(Files, SayIfPixelsAreMissing) {
  for (const std::string name : {"rgb.bmp", "runs8.bmp"}) {
    const std::string whole = file_text(data_file(name));
    expect_damaged(whole.substr(0, whole.size() * 2 / 3), data_file(name));
  }
  const std::string frame = file_text(data_file("interlaced.gif"));  // its data are several blocks
  expect_damaged(frame.substr(0, frame.size() - 60), data_file("interlaced.gif"));
  const std::string photo = file_text(golden("images/420.jpg"));
  expect_damaged(photo.substr(0, photo.size() / 2), golden("images/420.jpg"));
  const std::string drawn = file_text(golden("augment/input.png"));
  expect_damaged(drawn.substr(0, drawn.size() / 2), golden("augment/input.png"));
  std::string strips = file_text(data_file("bits4.tif"));
  const std::size_t last = strips.rfind(std::string("\x88\x01\0\0", 4));  // the last strip's offset, 392
  expect_damaged(strips.replace(last, 4, std::string("\0\0\xFF\0", 4)), data_file("bits4.tif"));
}

TEST(Files, WithoutADecodablePixelAreRejected) {
  const auto message = [](const std::string& name, std::size_t length) {
    return message_of([&] { decode_bytes(file_text(data_file(name)).substr(0, length), "x"); });
  };
  expect_part(message("rgb.bmp", 60),
              "x: expected an image, got a broken BMP file (it ends before its first row");
  expect_part(message("rgb.bmp", 54),
              "x: expected an image, got a BMP file with a malformed header (it ends before");
  expect_part(message("rgb.bmp", 30),
              "x: expected an image, got a BMP file with a malformed header (it is truncated)");
  expect_part(message("lossless.webp", 60), "x: expected an image, got a broken WebP file (");
  expect_part(message("animated.webp", 90), "x: expected an image, got a broken WebP file (its first frame");
  expect_part(message("interlaced.gif", 795), "x: expected an image, got a broken GIF file (");
  expect_part(message("raw.tif", 300), "x: expected an image, got a broken TIFF file (");
  expect_part(message("bits2.tif", 100), "x: expected an image, got a TIFF file with a malformed header (");
  expect_part(message("smooth.heic", 300), "x: expected an image, got a ");
  expect_part(message("smooth.avif", 200), "x: expected an image, got a ");
}

/// Returns the file with `bytes` written at `at`.
std::string patched(const std::string& name, std::size_t at, const std::string& bytes) {
  std::string content = file_text(data_file(name));
  return content.replace(at, bytes.size(), bytes);
}

TEST(Files, WithTooManyPixelsAreRejectedBeforeDecoding) {
  const auto message = [](const std::string& bytes) {
    return message_of([&] { decode_bytes(bytes, "bomb"); });
  };
  const std::string limit = "bomb: expected an image of at most 134217728 pixels, got ";
  expect_part(message(patched("rgb.bmp", 18, std::string("\x00\x00\x01\x00\x00\x00\x01\x00", 8))),
              limit + "65536 x 65536");
  expect_part(message(patched("interlaced.gif", 6, "\xFF\xFF\xFF\xFF")), limit + "65535 x 65535");
  // VP8X: the canvas less one, 24 bits each
  expect_part(message(patched("animated.webp", 24, std::string("\xFF\x3F\x00\xFF\x3F\x00", 6))),
              limit + "16384 x 16384");
  std::string tiff = file_text(data_file("bits2.tif"));
  for (const std::string& tag : {std::string("\x00\x01\x04\x00", 4), std::string("\x01\x01\x04\x00", 4)})
    tiff.replace(tiff.rfind(tag) + 8, 4, std::string("\x00\x00\x01\x00", 4));
  expect_part(message(tiff), limit + "65536 x 65536");
  for (const std::string name : {"smooth.heic", "smooth.avif"}) {
    std::string heif = file_text(data_file(name));
    // The box ispe: its name, version and flags, width, height.
    heif.replace(heif.find("ispe") + 8, 8, std::string("\0\0\x7F\0\0\0\x7F\0", 8));
    expect_part(message(heif), "bomb: expected an image");
  }
}

TEST(Files, OfUnsupportedKindsAreNamed) {
  const auto message = [](const std::string& bytes) { return message_of([&] { decode_bytes(bytes, "x"); }); };
  std::string tiff = file_text(data_file("white_is_0.tif"));
  const std::size_t photometric = tiff.rfind(std::string("\x06\x01\x03\x00", 4));
  tiff.replace(photometric + 8, 2, std::string("\x08\x00", 2));  // CIELAB
  expect_part(message(tiff),
              "x: expected a TIFF image in grey, RGB, palette, CMYK or YCbCr with 1 to 16 unsigned bits per "
              "sample, got "
              "colours of kind 8 with 8 bits. Convert the file.");
  expect_part(
      message(patched("rgb.bmp", 30, std::string("\x04\x00\x00\x00", 4))),
      "x: expected an image, got a BMP file with a malformed header (compression 4 with 24 bits per pixel");
  expect_part(message(patched("smooth.heic", 8, "isomisomisomisom")), "got a video or another HEIF file");
}

TEST(ExifOrientation, IgnoresMalformedBlocks) {
  EXPECT_EQ(decode_file(data_file("turned6.jpg"), ExifRotation::kApply).size(0), 24);
  for (const std::string name : {"turned6.jpg", "turned6.webp"}) {
    const std::string whole = file_text(data_file(name));
    const std::size_t tag = whole.find(std::string("\x01\x12\x00\x03", 4));  // big-endian
    ASSERT_NE(tag, std::string::npos) << name;
    for (const char value : {'\0', '\x09'}) {
      std::string wrong = whole;
      wrong[tag + 9] = value;
      EXPECT_TRUE(decode_bytes(wrong, name, ExifRotation::kApply).equal(decode_bytes(wrong, name))) << name;
    }
  }
}

}  // namespace
}  // namespace mkt::image
