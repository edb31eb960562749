#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "imports/manifest_import.h"
#include "mkt/data/dataset.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;

using Texts = std::vector<std::string>;

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
  OpenImagesOptions options_{"",
                             "",
                             "",
                             "",
                             "",
                             "",
                             400,
                             MissingFile::kDrop,
                             {"", "", "", 0, 0, 0, data::Unlisted::kUnknown, 8},
                             "",
                             "",
                             Contradictory::kLast,
                             0};
};

TEST_F(OpenImages, ReadsVerifiedLabelsAndChoosesFrequentClassesAsUnseen) {
  EXPECT_EQ(
      import_open_images(options_),
      path("oi.toml") +
          ": 1 images for training, 2 for test; 3 seen labels, 2 unseen\n"
          "train: 3 rows, 0 repeated, 0 labels set by the last row because rows differ; skipped: 0 images "
          "without a file, 1 without a seen or unseen label\n"
          "test: 5 rows, 0 repeated, 0 labels set by the last row because rows differ; skipped: 0 images "
          "without a file, 0 without a seen or unseen label\n"
          "unseen classes: not the published 400 (SHA-256 of the ids "
          "095bb850b7d37e169b42de840e5c2d29b1e723711fe8f555566303ec1f437163)\n");
  EXPECT_EQ(text("oi.seen.txt"), "Cat\nTree\nTree\n");
  EXPECT_EQ(text("oi.seen-ids.txt"), "/m/03\n/m/01\n/m/06\n");
  EXPECT_EQ(text("oi.unseen.txt"), "Dog\nBow, long\n");
  EXPECT_EQ(text("oi.unseen-ids.txt"), "/m/04\n/m/02\n");
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"/m/01\"],\"absent\":[\"/m/03\"]}\n");
  EXPECT_EQ(text("oi.test.jsonl"),
            "{\"image\":\"test/0000000000000007.jpg\",\"present\":[\"/m/02\",\"/m/04\"]}\n"
            "{\"image\":\"0000000000000008.jpg\",\"present\":[\"/m/03\",\"/m/04\"]}\n");
  EXPECT_NE(text("oi.toml").find("unlisted = \"unknown\""), std::string::npos);
  EXPECT_NE(text("oi.toml").find("origin = \"open-images\""), std::string::npos);
}

TEST_F(OpenImages, ClassesOfOneNameAreTwoLabels) {
  write("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(1, "/m/06", "0") + row(2, "/m/06", "1"));
  write("unseen.txt", "/m/05\n/m/06\n");
  write("classes-trainable.txt", "/m/03\n/m/01\n");
  options_.manifest.unseen = path("unseen.txt");
  testing::internal::CaptureStderr();
  import_open_images(options_);
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string warning =
      "oi.toml: 1 labels have the text of an earlier label with another id and get the same scores: /m/01 "
      "'Tree' and /m/06 'Tree'";
  EXPECT_NE(log.find(warning), std::string::npos) << log;
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"/m/01\"],\"absent\":[\"/m/06\"]}\n"
            "{\"image\":\"train_0/0000000000000002.jpg\",\"present\":[\"/m/06\"]}\n");
  const data::Dataset test = data::load_dataset(path("oi.toml"), data::Split::kTest);
  EXPECT_EQ(data::all_labels(test), (Texts{"Cat", "Tree", "Yak", "Tree"}));
  EXPECT_EQ(data::all_ids(test), (Texts{"/m/03", "/m/01", "/m/05", "/m/06"}));
}

TEST_F(OpenImages, TheLastOfContradictoryRowsCountsUnlessTheyAreUnknown) {
  write("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(1, "/m/03", "0") + row(1, "/m/01", "1") +
                         row(1, "/m/03", "1") + row(1, "/m/03", "0") + row(1, "/m/06", "0") +
                         row(1, "/m/06", "1"));
  const std::string summary = import_open_images(options_);
  EXPECT_NE(summary.find("train: 7 rows, 2 repeated, 2 labels set by the last row because rows differ;"),
            std::string::npos)
      << summary;
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"/m/01\",\"/m/06\"],\"absent\":[\"/m/"
            "03\"]}\n");
  options_.contradictory = Contradictory::kUnknown;
  EXPECT_NE(import_open_images(options_).find(
                "train: 7 rows, 2 repeated, 2 labels unknown because rows differ; skipped: 0 images"),
            std::string::npos);
  EXPECT_EQ(text("oi.train.jsonl"), "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"/m/01\"]}\n");
}

TEST_F(OpenImages, ContradictionsDecideWhichClassesAreFrequent) {
  write("test.csv", kRowsHeader + row(7, "/m/02", "0") + row(7, "/m/02", "1") + row(8, "/m/04", "1") +
                        row(8, "/m/05", "1") + row(8, "/m/05", "0"));
  import_open_images(options_);
  EXPECT_EQ(text("oi.unseen-ids.txt"), "/m/02\n/m/04\n");
  options_.contradictory = Contradictory::kUnknown;
  fs::remove(path("oi.toml"));
  EXPECT_EQ(refusal().rfind("unseen-count: expected at most 1 ", 0), 0U);
}

TEST_F(OpenImages, TrainingImagesWithTooManySeenLabelsAreLeftOut) {
  write("train.csv", kRowsHeader + row(1, "/m/01", "1") + row(1, "/m/03", "1") + row(1, "/m/04", "1") +
                         row(2, "/m/01", "1") + row(2, "/m/03", "1") + row(2, "/m/06", "1"));
  write("validation.csv", kRowsHeader + row(8, "/m/01", "1") + row(8, "/m/06", "1") + row(8, "/m/03", "1"));
  write("test.csv", kRowsHeader + row(7, "/m/01", "1") + row(7, "/m/03", "1") + row(7, "/m/06", "1") +
                        row(7, "/m/04", "1") + row(7, "/m/02", "1"));
  options_.validation = path("validation.csv");
  options_.max_positives = 2;
  const std::string summary = import_open_images(options_);
  for (const char* part : {": 1 images for training, 1 for test;", "train: 6 rows", "validation: 3 rows"})
    EXPECT_NE(summary.find(part), std::string::npos) << summary;
  const std::string left_out = "0 without a seen or unseen label, 1 with more than 2 seen labels\n";
  EXPECT_NE(summary.find(left_out + "validation"), std::string::npos) << summary;
  EXPECT_NE(summary.find(left_out + "test"), std::string::npos) << summary;
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"/m/01\",\"/m/03\",\"/m/04\"]}\n");
  fs::remove(path("oi.toml"));
  options_.max_positives = 1;
  EXPECT_EQ(refusal(),
            "ROOT/train.csv: expected images in ROOT/images with seen or unseen labels, got none. Check the "
            "image folder and the label lists, or raise max-positives.");
  options_.max_positives = 0;
  EXPECT_EQ(import_open_images(options_).find("with more than"), std::string::npos);
}

TEST_F(OpenImages, SkipsOrRefusesImagesWithoutAFile) {
  fs::remove(path("images/test/0000000000000007.jpg"));
  write("validation.csv", kRowsHeader + row(9, "/m/03", "1"));
  options_.validation = path("validation.csv");
  const std::string summary = import_open_images(options_);
  EXPECT_NE(summary.find("validation: 1 rows, 0 repeated, 0 labels set by the last row because rows differ; "
                         "skipped: 1 images "
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
  write("seen.txt", "/m/01\nYak\n");
  write("unseen.txt", "/m/04\n");
  options_.trainable = "";
  options_.manifest.seen = path("seen.txt");
  options_.manifest.unseen = path("unseen.txt");
  import_open_images(options_);
  EXPECT_EQ(text("oi.seen-ids.txt") + text("oi.unseen-ids.txt"), "/m/01\n/m/05\n/m/04\n");
  EXPECT_EQ(text("oi.train.jsonl"),
            "{\"image\":\"train/0000000000000001.JPG\",\"present\":[\"/m/01\"]}\n"
            "{\"image\":\"train_0/0000000000000002.jpg\",\"present\":[\"/m/05\"]}\n");
  fs::remove(path("oi.toml"));
  write("unseen.txt", "Yak\n");
  EXPECT_EQ(
      refusal(),
      "ROOT/unseen.txt: expected classes that are not seen, got /m/05 (Yak), which ROOT/seen.txt lists, "
      "too. Remove it from one of the two.");
  EXPECT_EQ(refusal("unseen.txt", "/m/04\nTree\n"),
            "ROOT/unseen.txt:2: expected an id or the name of one class, got 'Tree', the name of /m/01 and "
            "/m/06. Write the id.");
  EXPECT_EQ(refusal("seen.txt", "Tree\n"),
            "ROOT/seen.txt:1: expected an id or the name of one class, got 'Tree', the name of /m/01 and "
            "/m/06. Write the id.");
  options_.manifest.seen = "";
  EXPECT_EQ(
      refusal(),
      "trainable: expected a file with the seen classes, got none. Give one, or a list of seen labels.");
}

TEST_F(OpenImages, WarnsOfAClassThatIsListedTwice) {
  write("classes-trainable.txt", "/m/03\n/m/01\nCat\n");
  testing::internal::CaptureStderr();
  import_open_images(options_);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("classes-trainable.txt: 1 classes are listed again and count once: Cat"),
            std::string::npos)
      << log;
  EXPECT_EQ(text("oi.seen-ids.txt"), "/m/03\n/m/01\n");
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
      "Sort the lines below the first by ImageID alone, which keeps the order of an image's rows.");
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
