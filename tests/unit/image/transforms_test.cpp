#include "mkt/image/transforms.h"

#include <cmath>
#include <filesystem>

#include "codecs/encode.h"
#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;

constexpr Preprocessing kMkt{};

TEST(EvaluationTransform, AgreesWithPillowOnEveryGoldenImage) {
  int images = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden("images"))) {
    const std::string stem = entry.path().stem().string();
    const torch::Tensor crop = evaluation_transform(decode_file(entry.path().string()), 224, kMkt);
    const torch::Tensor off = difference(crop, golden_image("crops/" + stem + ".png"));
    const bool cmyk = stem == "cmyk";  // CMYK decoders differ by one level
    EXPECT_LE(off.max().item<int>(), cmyk ? 3 : 2) << stem;
    EXPECT_LE(off.gt(0).to(torch::kDouble).mean().item<double>(), cmyk ? 1.0 : 0.01) << stem;
    ++images;
  }
  EXPECT_EQ(images, 15);
}

TEST(EvaluationTransform, AgreesWithPillowInEveryResizeMode) {
  int images = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden("preprocess"))) {
    const std::string name = entry.path().stem().string();  // mode_size_image
    const std::size_t first = name.find('_');
    const std::size_t second = name.find('_', first + 1);
    Preprocessing preprocessing = clip_preprocessing();
    preprocessing.resize = enum_value<ResizeMode>(name.substr(0, first)).value();
    const std::int64_t size = std::stoll(name.substr(first + 1, second - first - 1));
    const std::string stem = golden("images/" + name.substr(second + 1));
    const std::string path = std::filesystem::exists(stem + ".jpg") ? stem + ".jpg" : stem + ".png";
    const torch::Tensor made = evaluation_transform(decode_file(path), size, preprocessing);
    const torch::Tensor off = difference(made, golden_image("preprocess/" + name + ".png"));
    EXPECT_LE(off.max().item<int>(), 2) << name;
    EXPECT_LE(off.gt(0).to(torch::kDouble).mean().item<double>(), 0.01) << name;
    ImageFile file(path);
    EXPECT_TRUE(evaluation_sample(file, size, preprocessing).equal(made)) << name;
    ++images;
  }
  EXPECT_EQ(images, 24);
}

TEST(EvaluationTransform, ShowsTheEdgesOfWideImagesInSquashAndPad) {
  torch::Tensor wide = torch::full({40, 400, 3}, 90, torch::kUInt8);
  wide.narrow(1, 0, 100).fill_(250);  // the left edge, outside the central crop
  Preprocessing preprocessing = clip_preprocessing();
  EXPECT_TRUE(evaluation_transform(wide, 32, preprocessing).eq(90).all().item<bool>());
  for (const ResizeMode mode : {ResizeMode::kSquash, ResizeMode::kPad}) {
    preprocessing.resize = mode;
    const torch::Tensor made = evaluation_transform(wide, 32, preprocessing);
    EXPECT_EQ(made[16][2][0].item<int>(), 250) << enum_name(mode);
    EXPECT_EQ(made[16][30][0].item<int>(), 90) << enum_name(mode);
  }
  const torch::Tensor padded = evaluation_transform(wide, 32, preprocessing);
  EXPECT_TRUE(padded[0][0].equal(torch::tensor({123, 117, 104}, torch::kUInt8)));
  EXPECT_TRUE(padded[31][31].equal(torch::tensor({123, 117, 104}, torch::kUInt8)));
}

TEST(EvaluationTransform, PadsImagesOfOneRowOfPixels) {
  Preprocessing preprocessing;
  preprocessing.resize = ResizeMode::kPad;
  preprocessing.crop_share = 1;
  for (const auto& [height, width] : {std::pair<int, int>{1, 900}, {900, 1}, {1, 1}}) {
    const torch::Tensor made = evaluation_transform(noise(height, width), 8, preprocessing);
    EXPECT_EQ(made.sizes(), (std::vector<std::int64_t>{8, 8, 3}));
  }
}

TEST(EvaluationTransform, RefusesPreprocessingOutOfRange) {
  const auto refusal = [](const Preprocessing& preprocessing) {
    return message_of([&] { evaluation_transform(noise(4, 4), 8, preprocessing); });
  };
  Preprocessing bytes;
  bytes.mean = {123.7, 116.3, 103.5};
  EXPECT_EQ(refusal(bytes),
            "mean: expected three numbers from 0 to 1, got 123.7 116.3 103.5. Divide means of bytes by 255.");
  Preprocessing flat;
  flat.deviation[1] = 0;
  EXPECT_EQ(
      refusal(flat),
      "std: expected three numbers above 0, at most 1, got 0.229 0 0.225. Divide deviations of bytes by "
      "255.");
  Preprocessing nothing;
  nothing.crop_share = 0;
  EXPECT_EQ(refusal(nothing), "crop-share: expected a number above 0, at most 1, got 0.");
  Preprocessing squashed;
  squashed.resize = ResizeMode::kSquash;
  EXPECT_EQ(refusal(squashed),
            "crop-share: expected 1 with resize squash, which shows the whole image, got 0.875. Use resize "
            "short.");
}

TEST(Preprocessing, OfMktCropsUpTo224PixelsOnly) {
  EXPECT_EQ(mkt_preprocessing(224), kMkt);
  EXPECT_EQ(mkt_preprocessing(64), kMkt);
  EXPECT_EQ(mkt_preprocessing(225).crop_share, 1);
  EXPECT_EQ(mkt_preprocessing(336).crop_share, 1);
  EXPECT_EQ(mkt_preprocessing(336).mean, kMkt.mean);
  EXPECT_NE(mkt_preprocessing(336), kMkt);
}

TEST(Preprocessing, KeepsCropsStatedInPixels) {
  // Hugging Face states short side and crop in pixels: the share must lead back to the short side.
  const torch::Tensor thread =
      torch::zeros({1, kMaxPixels / 200 + 1, 3}, torch::kUInt8);  // too long to resize
  for (std::int64_t crop = 200; crop <= 400; crop += 8) {
    for (std::int64_t short_side = crop; short_side <= crop + 150; ++short_side) {
      Preprocessing preprocessing = clip_preprocessing();
      preprocessing.crop_share = static_cast<double>(crop) / static_cast<double>(short_side);
      const std::string refusal = message_of([&] { evaluation_transform(thread, crop, preprocessing); });
      expect_part(refusal, "x " + std::to_string(short_side) + " from");
    }
  }
}

TEST(EvaluationTransform, HasTheRequestedSize) {
  for (const std::int64_t size : {1, 64, 336}) {
    EXPECT_EQ(evaluation_transform(noise(30, 47), size, kMkt).sizes(),
              (std::vector<std::int64_t>{size, size, 3}));
  }
}

TEST(EvaluationTransform, AcceptsVeryThinImages) {
  const torch::Tensor wide = noise(1, 20000);
  const torch::Tensor middle = wide.narrow(1, 9994, 12).contiguous();  // columns covered by the central crop
  const torch::Tensor made = evaluation_transform(wide, 224, kMkt);
  EXPECT_TRUE(made.equal(evaluation_transform(middle, 224, kMkt)));
  const torch::Tensor tall = wide.transpose(0, 1).contiguous();
  EXPECT_TRUE(evaluation_transform(tall, 224, kMkt).equal(made.transpose(0, 1)));
}

TEST(EvaluationTransform, RejectsResizedImagesBeyondTheLimit) {
  expect_part(message_of([] { evaluation_transform(noise(1, 1 << 20), 224, kMkt); }),
              "resize: expected sides of 1 to 134217728 pixels, got 268435456 x 256 from 1048576 x 1");
}

/// A JPEG of width × height grey pixels in one scan: the upper half dark, the lower half bright. Two bits per
/// block of 8 × 8 pixels.
std::string striped_jpeg(std::int64_t width, std::int64_t height) {
  const auto two = [](std::int64_t value) {
    return std::string{static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
  };
  std::string file = "\xFF\xD8\xFF\xDB" + two(67) + std::string(1, '\0') + std::string(64, '\x08');
  file += "\xFF\xC0" + two(11) + "\x08" + two(height) + two(width) + std::string("\x01\x01\x11\x00", 4);
  // DC differences: none as '0', of seven bits as '10'. AC coefficients: none as '0'.
  file += "\xFF\xC4" + two(21) + std::string("\x00\x01\x01", 3) + std::string(14, '\0') +
          std::string("\x00\x07", 2);
  file += "\xFF\xC4" + two(20) + std::string("\x10\x01", 2) + std::string(15, '\0') + std::string("\x00", 1);
  file += "\xFF\xDA" + two(8) + std::string("\x01\x01\x00\x00\x3F\x00", 6);
  const std::int64_t blocks = (width + 7) / 8 * ((height + 7) / 8);
  const std::int64_t half = blocks / 2;
  std::vector<bool> bits(static_cast<std::size_t>(2 * blocks + 16));
  const auto put = [&](std::int64_t at, const std::string& code) {
    for (std::size_t i = 0; i < code.size(); ++i) bits[static_cast<std::size_t>(at) + i] = code[i] == '1';
  };
  put(0,
      "10"
      "0010011");  // -108
  put(2 * half + 8,
      "10"
      "1111111");  // +127
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < 8; ++k)
      byte = byte << 1U | static_cast<unsigned>(i + k < bits.size() && bits[i + k]);
    file += static_cast<char>(byte);
    if (byte == 0xFF) file += '\0';
  }
  return file + "\xFF\xD9";
}

TEST(HugeJpeg, IsReadAtTheLargestScaleWithinTheLimit) {
  EXPECT_EQ(denominator_for_limit(8192, 16384), 1);
  EXPECT_EQ(denominator_for_limit(8192, 16385), 2);
  EXPECT_EQ(denominator_for_limit(12240, 16320), 2);
  EXPECT_EQ(denominator_for_limit(32768, 32768), 4);
  EXPECT_EQ(denominator_for_limit(65500, 65500), 8);
}

TEST(HugeJpeg, GivesTheSamplesOfASmallerOne) {
  const std::string huge = striped_jpeg(16320, 12240);
  const std::string small = striped_jpeg(3264, 2448);
  const auto sample = [](const std::string& bytes) {
    ImageFile file(bytes, "photo.jpg");
    return evaluation_sample(file, 224, kMkt);
  };
  const torch::Tensor shown = sample(huge);
  EXPECT_LE(difference(shown.slice(0, 0, 105), sample(small).slice(0, 0, 105)).max().item<int>(), 1);
  EXPECT_LE(difference(shown.slice(0, 119), sample(small).slice(0, 119)).max().item<int>(), 1);
  EXPECT_GT(shown[200][100][0].item<int>(), shown[20][100][0].item<int>() + 100);
  for (const std::uint64_t key : {1, 2, 3}) {
    ImageFile file(huge, "photo.jpg");
    EXPECT_EQ(training_sample(file, 224, kMkt, KeyedRandom({key})).size(0), 224);
  }
}

TEST(HugeJpeg, IsRefusedIfItWouldBeEnlarged) {
  const std::string limit = "photo.jpg: expected an image of at most 134217728 pixels, got 16320 x 12240";
  const std::string huge = striped_jpeg(16320, 12240);
  ImageFile file(huge, "photo.jpg");
  expect_part(message_of([&] { evaluation_sample(file, 11000, kMkt); }), limit);
  expect_part(message_of([&] { decode_bytes(huge, "photo.jpg"); }), limit);
  std::string progressive = file_text(golden("images/progressive.jpg"));
  progressive.replace(progressive.find("\xFF\xC2") + 5, 4, "\x2F\xD0\x3F\xC0");
  expect_part(message_of([&] { ImageFile(progressive, "photo.jpg"); }), limit);
}

TEST(DrawCrop, HasTheAreasAndAspectsOfRandomResizedCrop) {
  KeyedRandom random({1});
  double log_aspects = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const Box box = draw_crop(1000, 1000, random);
    ASSERT_GE(std::min(box.left, box.top), 0);
    ASSERT_LE(std::max(box.left + box.width, box.top + box.height), 1000);
    const double area = static_cast<double>(box.width * box.height) / 1e6;
    const double aspect = static_cast<double>(box.width) / static_cast<double>(box.height);
    ASSERT_GT(area, 0.079);
    ASSERT_GT(aspect, 0.74);
    ASSERT_LT(aspect, 1.35);
    log_aspects += std::log(aspect);
  }
  EXPECT_NEAR(log_aspects / kDraws, 0.0, 0.005);
}

TEST(DrawCrop, FallsBackToACentralCrop) {
  KeyedRandom random({2});
  const Box tall = draw_crop(900, 3, random);  // no crop with the minimum area fits
  EXPECT_EQ(tall.width, 3);
  EXPECT_EQ(tall.height, 4);
  EXPECT_EQ(tall.top, 448);
  const Box wide = draw_crop(3, 900, random);
  EXPECT_EQ(wide.width, 4);
  EXPECT_EQ(wide.left, 448);
}

/// Runs training_sample() on `image` after lossless PNG encoding.
torch::Tensor training_sample_of(const torch::Tensor& image, std::int64_t size, KeyedRandom random) {
  ImageFile file(encode_png(image), "image.png");
  return training_sample(file, size, kMkt, random);
}

TEST(TrainingSample, IsAFunctionOfItsKey) {
  ImageFile file(golden("images/422.jpg"));
  const torch::Tensor first = training_sample(file, 224, kMkt, KeyedRandom({42, 0, 7}));
  EXPECT_EQ(first.sizes(), (std::vector<std::int64_t>{224, 224, 3}));
  EXPECT_TRUE(first.equal(training_sample(file, 224, kMkt, KeyedRandom({42, 0, 7}))));
  EXPECT_FALSE(first.equal(training_sample(file, 224, kMkt, KeyedRandom({42, 1, 7}))));
}

TEST(TrainingSample, AcceptsImagesOfEverySize) {
  for (const auto& [height, width] : {std::pair<int, int>{1, 1}, {1, 300}, {300, 1}, {2, 3}, {500, 20}}) {
    for (std::uint64_t i = 0; i < 20; ++i) {
      const torch::Tensor made = training_sample_of(noise(height, width), 32, KeyedRandom({1, i}));
      ASSERT_EQ(made.sizes(), (std::vector<std::int64_t>{32, 32, 3}));
    }
  }
}

TEST(Samples, EqualTheTransformsOfAllPixels) {
  for (const auto& entry : std::filesystem::directory_iterator(golden("images"))) {
    const std::string path = entry.path().string();
    const torch::Tensor image = decode_file(path);
    ImageFile file(path);
    EXPECT_TRUE(evaluation_sample(file, 64, kMkt).equal(evaluation_transform(image, 64, kMkt))) << path;
    for (std::uint64_t i = 0; i < 8; ++i) {
      const torch::Tensor sample = training_sample(file, 64, kMkt, KeyedRandom({3, i}));
      EXPECT_TRUE(sample.equal(training_sample_of(image, 64, KeyedRandom({3, i})))) << path << " " << i;
    }
  }
}

TEST(Samples, DecodedFastAreSimilar) {
  for (const auto& entry : std::filesystem::directory_iterator(golden("images"))) {
    const std::string path = entry.path().string();
    ImageFile exact(path);
    const torch::Tensor expected = evaluation_sample(exact, 64, kMkt);
    ImageFile fast(path);
    const torch::Tensor made = evaluation_sample(fast, 64, kMkt, Decoding::kFast);
    EXPECT_LT(mean_difference(made, expected), 3) << path;
    EXPECT_LE(difference(made, expected).max().item<int>(), 40) << path;
    EXPECT_EQ(fast.height() < exact.height(), !made.equal(expected)) << path;
  }
}

TEST(Samples, DecodedFastHaveNearlyTheSameCrops) {
  const std::string path = golden("images/420.jpg");
  int shrunk = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    ImageFile exact(path);
    ImageFile fast(path);
    const torch::Tensor expected = training_sample(exact, 32, kMkt, KeyedRandom({4, i}));
    const torch::Tensor made = training_sample(fast, 32, kMkt, KeyedRandom({4, i}), Decoding::kFast);
    shrunk += fast.height() < exact.height() ? 1 : 0;
    EXPECT_LT(mean_difference(made, expected), 12) << i;
  }
  EXPECT_GT(shrunk, 30);
}

TEST(ToPlanes, SeparatesTheChannels) {
  const torch::Tensor image = noise(9, 7);
  torch::Tensor planes = torch::empty({3, 9, 7}, torch::kUInt8);
  to_planes(image, planes.data_ptr<std::uint8_t>());
  EXPECT_TRUE(planes.equal(image.permute({2, 0, 1})));
}

TEST(Normalize, StandardisesWithImageNetsMoments) {
  const torch::Tensor images =
      noise(10, 12).permute({2, 0, 1}).unsqueeze(0);  // (1, 3, 10, 12), non-contiguous
  const torch::Tensor mean = torch::tensor({0.485, 0.456, 0.406}, torch::kDouble).reshape({1, 3, 1, 1});
  const torch::Tensor deviation = torch::tensor({0.229, 0.224, 0.225}, torch::kDouble).reshape({1, 3, 1, 1});
  const torch::Tensor expected = (images.to(torch::kDouble) / 255 - mean) / deviation;
  const torch::Tensor normal = normalize(images, kMkt, torch::kCPU);
  EXPECT_EQ(normal.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(normal.is_contiguous());
  EXPECT_LT((normal - expected).abs().max().item<double>(), 1e-6);
  const torch::Tensor half = normalize(images, kMkt, torch::kCPU, torch::kBFloat16);
  EXPECT_LT((half.to(torch::kDouble) - expected).abs().max().item<double>(), 0.01);
}

TEST(Normalize, StandardisesWithOtherMoments) {
  const torch::Tensor images = noise(5, 6).permute({2, 0, 1}).unsqueeze(0);  // (1, 3, 5, 6)
  Preprocessing half;
  half.mean = {0.5, 0.5, 0.5};
  half.deviation = {0.5, 0.25, 1};
  const torch::Tensor made = normalize(images, half, torch::kCPU);
  const torch::Tensor expected =
      (images.to(torch::kDouble) / 255 - 0.5) / torch::tensor({0.5, 0.25, 1.0}).reshape({1, 3, 1, 1});
  EXPECT_LT((made - expected).abs().max().item<double>(), 1e-6);
}

TEST(Normalize, IsTheSameOnAGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  const torch::Tensor images = noise(10, 12).permute({2, 0, 1}).unsqueeze(0).contiguous();  // (1, 3, 10, 12)
  const torch::Tensor normal = normalize(images, kMkt, torch::Device(torch::kCUDA));
  EXPECT_LT((normal.cpu() - normalize(images, kMkt, torch::kCPU)).abs().max().item<double>(), 1e-6);
}

TEST(Normalize, RejectsOtherShapes) {
  expect_part(message_of([] { normalize(noise(4, 4), kMkt, torch::kCPU); }),
              "images: expected uint8 of shape (B, 3, H, W), got");
}

}  // namespace
}  // namespace mkt::image
