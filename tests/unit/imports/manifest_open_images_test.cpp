#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/text.h"
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
  return cat(image_id(image), ",verification,", id, ",", confidence, "\n");
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
      write(cat("images/", picture));
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
  /// Of a faulty file that is then made whole.
  std::string refusal(const std::string& file, const std::string& faulty) const {
    const std::string whole = text(file);
    write(file, faulty);
    std::string message = refusal();
    write(file, whole);
    return message;
  }

  std::string root_;
  OpenImagesOptions options_;
};

TEST_F(OpenImages, VerifiedLabelsArePresentAbsentOrUnknownAndTheFrequentOthersUnseen) {
  EXPECT_EQ(import_open_images(options_),
            path("oi.toml") +
                ": 1 pictures to train, 2 to test; 2 seen labels, 2 unseen\n"
                "train: 3 rows, 0 repeated, 0 labels left unknown by rows that differ; left out: 0 "
                "pictures without a file, 1 without a label that counts\n"
                "test: 5 rows, 0 repeated, 0 labels left unknown by rows that differ; left out: 0 "
                "pictures without a file, 0 without a label that counts\n");
  EXPECT_EQ(text("oi.seen.txt"), "Cat\nTree\n");
  EXPECT_EQ(text("oi.unseen.txt"), "Dog\nBow, long\n");
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"Tree\"],\"absent\":[\"Cat\"]}\n");
  EXPECT_EQ(text("oi.test.jsonl"),
            "{\"image\":\"test/0000000000000007.jpg\",\"present\":[\"Bow, long\",\"Dog\"]}\n"
            "{\"image\":\"0000000000000008.jpg\",\"present\":[\"Cat\",\"Dog\"]}\n");
  EXPECT_NE(text("oi.toml").find("unlisted = \"unknown\""), std::string::npos);
}

TEST_F(OpenImages, RepeatedRowsAreOneAndDifferingOnesLeaveTheLabelUnknown) {
  write("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(1, "/m/03", "0") + row(1, "/m/06", "1") +
                         row(1, "/m/03", "1") + row(1, "/m/03", "0"));
  const std::string summary = import_open_images(options_);
  EXPECT_NE(summary.find("train: 5 rows, 2 repeated, 1 labels left unknown by rows that differ;"),
            std::string::npos)
      << summary;
  EXPECT_EQ(text("oi.train.jsonl"), "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"Tree\"]}\n");
}

TEST_F(OpenImages, PicturesWithoutAFileAreLeftOutOrRefused) {
  fs::remove(path("images/test/0000000000000007.jpg"));
  write("validation.csv", kRowsHeader + row(9, "/m/03", "1"));
  options_.validation = path("validation.csv");
  const std::string summary = import_open_images(options_);
  EXPECT_NE(
      summary.find("validation: 1 rows, 0 repeated, 0 labels left unknown by rows that differ; left out: 1 "
                   "pictures without a file"),
      std::string::npos)
      << summary;
  EXPECT_EQ(text("oi.unseen.txt"), "Dog\nBow, long\n") << "what is unseen must not hang on the files";
  options_.missing = "error";
  fs::remove(path("oi.toml"));
  EXPECT_EQ(refusal(),
            "ROOT/validation.csv:2: expected a picture under ROOT/images, got none of "
            "0000000000000009. Get it, or give --missing drop.");
}

TEST_F(OpenImages, ListsOfIdsOrNamesSayWhatIsSeenAndUnseen) {
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
            "--seen (or --trainable) and --unseen: expected each label in one of them, got 'Yak' in "
            "both. Drop one of the two.");
  options_.manifest.seen = "";
  EXPECT_EQ(refusal(), "--trainable: expected a file of the seen classes, or --seen, got neither. Give one.");
}

TEST_F(OpenImages, FaultsInRowsAreNamedByFileAndLine) {
  EXPECT_EQ(
      refusal("train.csv", "ImageID,Source,Confidence\n"),
      "ROOT/train.csv:1: expected a column 'LabelName', got ImageID, Source, Confidence. Give Open Images' "
      "…-annotations-human-imagelabels.csv.");
  EXPECT_EQ(refusal("test.csv", kRowsHeader + row(7, "/m/02", "1") + row(7, "/m/99", "1")),
            "ROOT/test.csv:3: expected a class of ROOT/class-descriptions.csv, got '/m/99'. Give the "
            "class-descriptions of the same release.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(1, "/m/01", "1") + image_id(1) + ",verif"),
      "ROOT/train.csv:3: expected 4 fields, as the first line has, got 2. Put fields that hold a comma in "
      "quotes.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(1, "/m/01", "0.7")),
      "ROOT/train.csv:2: expected a Confidence of 0 or 1, got '0.7'. Give the labels that people verified "
      "(human-imagelabels).");
  EXPECT_EQ(refusal("train.csv", std::string(kRowsHeader) + "12,verification,/m/01,1\n"),
            "ROOT/train.csv:2: expected an ImageID of 16 hexadecimal digits, got '12'. Get the file anew.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(2, "/m/03", "1") + row(1, "/m/05", "1")),
      "ROOT/train.csv:4: expected all rows of a picture together, got more of one whose rows ended before. "
      "Sort the lines under the first by ImageID.");
  EXPECT_EQ(refusal("train.csv", kRowsHeader),
            "ROOT/train.csv: expected a label a line, got none. Get the file anew.");
  EXPECT_EQ(
      refusal("train.csv", kRowsHeader + row(3, "/m/01", "1")),
      "ROOT/train.csv: expected pictures under ROOT/images with labels that count, got none. Check --images "
      "and the lists of labels.");
}

TEST_F(OpenImages, PicturesToTestOnAreNotTrainedOn) {
  options_.train = options_.test;
  EXPECT_EQ(
      refusal(),
      "--test: expected another file than those to train on, got ROOT/test.csv. Give the test split's.");
}

TEST_F(OpenImages, FaultsInTheClassesAreNamedByFileAndLine) {
  const std::string whole = "/m/01,Tree\n/m/02,Bow\n/m/03,Cat\n/m/04,Dog\n/m/05,Yak\n/m/06,Elm\n";
  EXPECT_EQ(refusal("class-descriptions.csv", whole + "/m/07,Bow, long\n"),
            "ROOT/class-descriptions.csv:7: expected 2 fields, a class's id and name, got 3. Put a name that "
            "holds a comma in quotes.");
  EXPECT_EQ(refusal("class-descriptions.csv", whole + "/m/01,Bush\n"),
            "ROOT/class-descriptions.csv:7: expected each class once, got /m/01 again. Drop one of the two.");
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
  EXPECT_EQ(refusal(),
            "ROOT/test.csv: expected 3 labels (--unseen-count) that are not seen and that a picture "
            "shows, got 2. Lower it, or name them with --unseen.");
}

}  // namespace
}  // namespace mkt::imports
