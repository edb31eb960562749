#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "imports/manifest_import.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRowsHeader = "ImageID,Source,LabelName,Confidence\n";

std::string image_id(int i) {
  const std::string digits = std::to_string(i);
  return std::string(16 - digits.size(), '0') + digits;
}

std::string row(int image, const std::string& id, const std::string& confidence) {
  return fmt::format("{},verification,{},{}\n", image_id(image), id, confidence);
}

class OpenImages : public testing::Test {
 protected:
  void SetUp() override {
    root_ = test::scratch_folder("open-images");
    options_.train = path("train.csv");
    options_.test = path("test.csv");
    options_.classes = path("class-descriptions.csv");
    options_.trainable = path("classes-trainable.txt");
    options_.images = path("images");
    options_.manifest.out = path("oi.toml");
    options_.unseen_count = 2;
    write("class-descriptions.csv",
          "LabelName,DisplayName\r\n/m/01,Tree\r\n/m/02,\"Bow, "
          "long\"\r\n/m/03,Cat\r\n/m/04,Dog\r\n/m/05,Yak\r\n"
          "/m/06,Tree\r\n");
    write("classes-trainable.txt", "/m/03\r\n/m/01\r\n/m/06\r\n");
    write("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(1, "/m/03", "0") + row(2, "/m/05", "1"));
    write("test.csv", kRowsHeader + row(7, "/m/02", "1") + row(7, "/m/04", "1") + row(8, "/m/04", "1.0") +
                          row(8, "/m/03", "1") + row(8, "/m/05", "0"));
    for (const char* picture : {"train/0000000000000001.JPG", "train_0/0000000000000002.jpg",
                                "test/0000000000000007.jpg", "0000000000000008.jpg"})
      write(fmt::format("images/{}", picture));
  }

  std::string path(const std::string& relative) const { return root_ + "/" + relative; }
  void write(const std::string& relative, const std::string& text = "") const {
    fs::create_directories(fs::path(path(relative)).parent_path());
    std::ofstream(path(relative), std::ios::binary) << text;
  }
  std::string text(const std::string& relative) const { return test::file_text(path(relative)); }

  std::string refusal() const {
    std::string message = test::message_of([&] { import_open_images(options_); });
    for (auto at = message.find(root_); at != std::string::npos; at = message.find(root_))
      message.replace(at, root_.size(), "ROOT");
    EXPECT_FALSE(fs::exists(options_.manifest.out));
    return message;
  }
  /// Imports with `faulty` as the contents of `file`; restores the file and returns the error message.
  std::string refusal(const std::string& file, const std::string& faulty) const {
    const std::string whole = text(file);
    write(file, faulty);
    std::string message = refusal();
    write(file, whole);
    return message;
  }

  std::string root_;
  OpenImagesOptions options_{
      "", "", "", "", "", "", 400, MissingFile::kDrop, {"", "", "", 0, 0, 0, data::Unlisted::kUnknown, 8}};
};

TEST_F(OpenImages, ReadsVerifiedLabelsAndChoosesFrequentClassesAsUnseen) {
  EXPECT_EQ(import_open_images(options_),
            path("oi.toml") +
                ": 1 images for training, 2 for test; 2 seen labels, 2 unseen\n"
                "train: 3 rows, 0 repeated, 0 labels unknown because rows differ; skipped: 0 images "
                "without a file, 1 without a seen or unseen label\n"
                "test: 5 rows, 0 repeated, 0 labels unknown because rows differ; skipped: 0 images "
                "without a file, 0 without a seen or unseen label\n");
  EXPECT_EQ(text("oi.seen.txt"), "Cat\nTree\n");
  EXPECT_EQ(text("oi.unseen.txt"), "Dog\nBow, long\n");
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"Tree\"],\"absent\":[\"Cat\"]}\n");
  EXPECT_EQ(text("oi.test.jsonl"),
            "{\"image\":\"test/0000000000000007.jpg\",\"present\":[\"Bow, long\",\"Dog\"]}\n"
            "{\"image\":\"0000000000000008.jpg\",\"present\":[\"Cat\",\"Dog\"]}\n");
  EXPECT_NE(text("oi.toml").find("unlisted = \"unknown\""), std::string::npos);
  EXPECT_NE(text("oi.toml").find("origin = \"open-images\""), std::string::npos);
}

TEST_F(OpenImages, CountsRepeatedRowsOnceAndLeavesContradictedLabelsUnknown) {
  write("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(1, "/m/03", "0") + row(1, "/m/06", "1") +
                         row(1, "/m/03", "1") + row(1, "/m/03", "0"));
  const std::string summary = import_open_images(options_);
  EXPECT_NE(summary.find("train: 5 rows, 2 repeated, 1 labels unknown because rows differ;"),
            std::string::npos)
      << summary;
  EXPECT_EQ(text("oi.train.jsonl"), "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"Tree\"]}\n");
}

TEST_F(OpenImages, SkipsOrRefusesImagesWithoutAFile) {
  fs::remove(path("images/test/0000000000000007.jpg"));
  write("validation.csv", kRowsHeader + row(9, "/m/03", "1"));
  options_.validation = path("validation.csv");
  const std::string summary = import_open_images(options_);
  EXPECT_NE(
      summary.find("validation: 1 rows, 0 repeated, 0 labels unknown because rows differ; skipped: 1 images "
                   "without a file"),
      std::string::npos)
      << summary;
  EXPECT_EQ(text("oi.unseen.txt"), "Dog\nBow, long\n") << "unseen labels must not depend on the files";
  options_.missing = MissingFile::kError;
  fs::remove(path("oi.toml"));
  EXPECT_EQ(refusal(),
            "ROOT/validation.csv:2: expected a file of image 0000000000000009 in ROOT/images, got none. "
            "Download it, or drop missing images.");
}

TEST_F(OpenImages, ReadsSeenAndUnseenLabelsFromListsOfIdsOrNames) {
  write("seen.txt", "Tree\n/m/05\n");
  write("unseen.txt", "/m/04\n");
  options_.trainable = "";
  options_.manifest.seen = path("seen.txt");
  options_.manifest.unseen = path("unseen.txt");
  import_open_images(options_);
  EXPECT_EQ(text("oi.seen.txt") + text("oi.unseen.txt"), "Tree\nYak\nDog\n");
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"Tree\"]}\n"
            "{\"image\":\"train_0/0000000000000002.jpg\",\"present\":[\"Yak\"]}\n");
  fs::remove(path("oi.toml"));
  write("unseen.txt", "Yak\n");
  EXPECT_EQ(refusal(),
            "label lists: expected each label to be either seen or unseen, got 'Yak' in both lists. Remove "
            "one of the two.");
  options_.manifest.seen = "";
  EXPECT_EQ(
      refusal(),
      "trainable: expected a file with the seen classes, got none. Give one, or a list of seen labels.");
}

TEST_F(OpenImages, NamesFaultyRowsByFileAndLine) {
  EXPECT_EQ(
      refusal("train.csv", "ImageID,Source,Confidence\n"),
      "ROOT/train.csv:1: expected a column 'LabelName', got ImageID, Source, Confidence. Give Open Images' "
      "…-annotations-human-imagelabels.csv.");
  EXPECT_EQ(refusal("test.csv", kRowsHeader + row(7, "/m/02", "1") + row(7, "/m/99", "1")),
            "ROOT/test.csv:3: expected a class of ROOT/class-descriptions.csv, got '/m/99'. Give the "
            "class-descriptions of the same release.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(1, "/m/01", "1") + image_id(1) + ",verif"),
      "ROOT/train.csv:3: expected 4 fields as in the first line, got 2. Put fields that contain a comma in "
      "quotes.");
  EXPECT_EQ(refusal("train.csv", kRowsHeader + row(1, "/m/01", "0.7")),
            "ROOT/train.csv:2: expected a Confidence of 0 or 1, got '0.7'. Give the human-verified labels "
            "(human-imagelabels).");
  EXPECT_EQ(
      refusal("train.csv", std::string(kRowsHeader) + "12,verification,/m/01,1\n"),
      "ROOT/train.csv:2: expected an ImageID of 16 hexadecimal digits, got '12'. Download the file again.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(2, "/m/03", "1") + row(1, "/m/05", "1")),
      "ROOT/train.csv:4: expected the rows of an image to be consecutive, got another row of an earlier "
      "image. "
      "Sort the lines below the first by ImageID.");
  EXPECT_EQ(refusal("train.csv", kRowsHeader),
            "ROOT/train.csv: expected one label per line, got none. Download the file again.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(3, "/m/01", "1")),
      "ROOT/train.csv: expected images in ROOT/images with seen or unseen labels, got none. Check the image "
      "folder and the label lists.");
}

TEST_F(OpenImages, RefusesTestLabelsForTraining) {
  options_.train = options_.test;
  EXPECT_EQ(
      refusal(),
      "test: expected a file that is not used for training, got ROOT/test.csv. Give the labels of the test "
      "split.");
}

TEST_F(OpenImages, NamesFaultyClassesByFileAndLine) {
  const std::string whole = "/m/01,Tree\n/m/02,Bow\n/m/03,Cat\n/m/04,Dog\n/m/05,Yak\n/m/06,Elm\n";
  EXPECT_EQ(refusal("class-descriptions.csv", whole + "/m/07,Bow, long\n"),
            "ROOT/class-descriptions.csv:7: expected 2 fields, a class's id and name, got 3. Put a name that "
            "contains a comma in quotes.");
  EXPECT_EQ(
      refusal("class-descriptions.csv", whole + "/m/01,Bush\n"),
      "ROOT/class-descriptions.csv:7: expected each class once, got /m/01 again. Remove one of the two.");
  EXPECT_EQ(refusal("class-descriptions.csv", whole + "Bush,/m/07\n"),
            "ROOT/class-descriptions.csv:7: expected a class's id such as /m/01g317, got 'Bush'. Give Open "
            "Images' class-descriptions.");
  EXPECT_EQ(refusal("class-descriptions.csv", whole + "/m/07, \n"),
            "ROOT/class-descriptions.csv:7: expected a name on one line, got ''. Correct it.");
  EXPECT_EQ(
      refusal("classes-trainable.txt", "/m/01\n\n/m/98\n"),
      "ROOT/classes-trainable.txt:3: expected a class of ROOT/class-descriptions.csv, got '/m/98'. Give the "
      "class-descriptions of the same release.");
  options_.unseen_count = 3;
  EXPECT_EQ(
      refusal(),
      "unseen-count: expected at most 2 (the labels of ROOT/test.csv that are not seen), got 3. Lower it, "
      "or give a list of unseen labels.");
}

}  // namespace
}  // namespace mkt::imports
