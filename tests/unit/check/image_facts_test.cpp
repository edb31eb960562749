#include "check/image_facts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/sha256.h"
#include "support/raw_nus_wide.h"

namespace mkt::check {
namespace {

namespace fs = std::filesystem;
using test::file_text;
using test::golden;

std::string kept(const std::string& name, const std::string& content) {
  const std::string path = test::scratch_folder("image") + "/" + name;
  test::RawNusWide::write_file(path, content);
  return path;
}

ImageState state_of(const std::string& name, const std::string& content) {
  return examine_image(kept(name, content)).state;
}

TEST(ImageFacts, AllGoldenImagesAreWholeExceptTheTruncatedOne) {
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(golden("images"))) {
    const bool cut = entry.path().filename() == "truncated.jpg";
    const ImageFacts facts = examine_image(entry.path().string());
    EXPECT_EQ(facts.state, cut ? ImageState::kCutShort : ImageState::kWhole) << entry.path();
    EXPECT_EQ(facts.sha256, io::sha256(file_text(entry.path().string())));
    ++seen;
  }
  EXPECT_GT(seen, 10);
}

TEST(ImageFacts, FindsAnyCut) {
  for (const char* name : {"420.jpg", "progressive.jpg", "small.png"}) {
    const std::string whole = file_text(golden(fmt::format("images/{}", name)));
    ASSERT_TRUE(reaches_end(whole)) << name;
    EXPECT_TRUE(reaches_end(whole + std::string(5000, 'x'))) << name;
    for (std::size_t size = 100; size < whole.size(); size += 97)
      EXPECT_FALSE(reaches_end(whole.substr(0, size))) << name << " " << size;
    EXPECT_FALSE(reaches_end(whole.substr(0, whole.size() - 1))) << name;
  }
}

TEST(ImageFacts, FindsMissingAndDamagedPixels) {
  const std::string codecs = std::string(MKT_TEST_DATA) + "/codecs/";
  for (const char* name : {"rgb.bmp", "interlaced.gif"}) {
    const std::string whole = file_text(codecs + name);
    EXPECT_EQ(state_of(name, whole), ImageState::kWhole) << name;
    EXPECT_EQ(state_of(name, whole.substr(0, whole.size() * 2 / 3)), ImageState::kCutShort) << name;
  }
  std::string damaged = file_text(golden("images/420.jpg"));
  damaged.replace(damaged.size() / 2, 400, std::string(400, '\xFF'));  // libjpeg warns of corrupt data
  EXPECT_EQ(state_of("damaged.jpg", damaged), ImageState::kCutShort);
}

TEST(ImageFacts, IgnoresTheEndOfAThumbnail) {
  const std::string whole = file_text(golden("images/420.jpg"));
  const std::string thumbnail = file_text(golden("images/444.jpg"));
  const std::size_t size = thumbnail.size() + 2;
  ASSERT_LT(size, 65536U);
  const std::string segment =
      std::string("\xFF\xE1") + static_cast<char>(size >> 8) + static_cast<char>(size & 0xFF);
  const std::string with = whole.substr(0, 2) + segment + thumbnail + whole.substr(2);
  EXPECT_TRUE(reaches_end(with));
  EXPECT_FALSE(reaches_end(with.substr(0, with.size() - 50)));
}

TEST(ImageFacts, UnreadableFilesAreBrokenWithAReason) {
  const ImageFacts page = examine_image(golden("bad/html.jpg"));
  EXPECT_EQ(page.state, ImageState::kBroken);
  EXPECT_NE(page.reason.find(
                "expected a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image, got an HTML or XML page"),
            std::string::npos)
      << page.reason;
  EXPECT_EQ(examine_image(golden("bad/empty.jpg")).state, ImageState::kBroken);
  EXPECT_EQ(examine_image(golden("bad/header_only.jpg")).state, ImageState::kBroken);
  EXPECT_EQ(state_of("notice.jpg", "GIF89a......"), ImageState::kBroken);
  EXPECT_EQ(examine_image(golden("images")).state, ImageState::kBroken);
  EXPECT_EQ(examine_image("/nowhere.jpg").state, ImageState::kMissing);
  EXPECT_EQ(examine_image("").state, ImageState::kMissing);
}

TEST(ImageFacts, OnlyASmallPlainGreyImageIsFlickrsNotice) {
  EXPECT_EQ(state_of("notice.jpg", test::unavailable_notice()), ImageState::kUnavailable);
  torch::Tensor image = torch::full({60, 80, 3}, 243, torch::kUInt8);
  image.select(2, 0).fill_(200);
  EXPECT_EQ(state_of("tinted.jpg", image::encode_png(image)), ImageState::kWhole);
  image.fill_(243);
  image.slice(0, 0, 20).fill_(30);
  EXPECT_EQ(state_of("half.jpg", image::encode_png(image)), ImageState::kWhole);
  const torch::Tensor noise =
      torch::randint(0, 256, {60, 80, 1}, torch::kUInt8).expand({60, 80, 3}).contiguous();
  EXPECT_EQ(state_of("grey.png", image::encode_png(noise)), ImageState::kWhole);
}

class Journal : public ::testing::Test {
 protected:
  Journal() {
    for (const char* name : {"images/420.jpg", "bad/html.jpg", "images/truncated.jpg", "images/444.jpg"})
      paths_.push_back(kept(fs::path(name).filename(), file_text(golden(name))));
    paths_.emplace_back();
    journal_ = test::scratch_folder("journal") + "/pictures.jsonl";
  }

  std::vector<ImageState> states() const {
    std::vector<ImageState> states;
    for (const ImageFacts& facts : examine_images(paths_, journal_, 2)) states.push_back(facts.state);
    return states;
  }

  std::vector<std::string> paths_;
  std::string journal_;
  const std::vector<ImageState> expected_ = {ImageState::kWhole, ImageState::kBroken, ImageState::kCutShort,
                                             ImageState::kWhole, ImageState::kMissing};
};

TEST_F(Journal, IsReusedForUnchangedFiles) {
  EXPECT_EQ(states(), expected_);
  std::string text = file_text(journal_);
  // An edit to the journal changes the result, which proves that the images are not read again.
  const auto at = text.find("cut_short");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 9, "whole");
  test::RawNusWide::write_file(journal_, text);
  EXPECT_EQ(states()[2], ImageState::kWhole);
}

TEST_F(Journal, IsNotReusedForChangedFiles) {
  states();
  const auto time = fs::last_write_time(paths_[1]);
  test::RawNusWide::write_file(paths_[1], file_text(paths_[0]));
  fs::last_write_time(paths_[1], time);
  EXPECT_EQ(states()[1], ImageState::kWhole);
  test::RawNusWide::write_file(paths_[0], file_text(paths_[0]));
  fs::last_write_time(paths_[0], time + std::chrono::seconds(9));
  EXPECT_EQ(states()[0], ImageState::kWhole);
}

TEST_F(Journal, IsTheSameAfterALineWasCut) {
  states();
  const std::string whole = file_text(journal_);
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 4);
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{1}, std::size_t{0}}) {
    test::RawNusWide::write_file(journal_, whole.substr(0, size));
    EXPECT_EQ(states(), expected_);
    EXPECT_EQ(file_text(journal_), whole);
  }
}

}  // namespace
}  // namespace mkt::check
