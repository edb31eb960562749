#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "imports/manifest_import.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::imports {
namespace {

class Voc : public testing::Test {
 protected:
  void SetUp() override {
    root_ = test::scratch_folder("voc");
    options_.voc = root_ + "/VOCdevkit";
    options_.manifest.out = root_ + "/voc.toml";
    options_.manifest.unseen = root_ + "/unseen.txt";
    std::ofstream(options_.manifest.unseen) << "yak\n";
    set("VOC2007", "cat_trainval", "000005 -1\r\n000007  1 \r\n000009\t0\r\n");
    set("VOC2007", "yak_trainval", "000007 -1\n000005  1\n000009  1\n");
    set("VOC2007", "trainval", "000005\n000007\n000009\n");
    set("VOC2007", "cat_test", "000001  1\n");
    set("VOC2007", "yak_test", "000001 -1\n");
    for (const char* picture : {"000005.JPG", "000007.jpg", "000009.jpg", "000001.jpg"}) {
      std::filesystem::create_directories(options_.voc + "/VOC2007/JPEGImages");
      std::ofstream(fmt::format("{}/VOC2007/JPEGImages/{}", options_.voc, picture)) << "";
    }
  }

  std::string list(const std::string& release, const std::string& name) const {
    return fmt::format("{}/{}/ImageSets/Main/{}.txt", options_.voc, release, name);
  }
  void set(const std::string& release, const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(options_.voc + "/" + release + "/ImageSets/Main");
    std::ofstream(list(release, name), std::ios::binary) << text;
  }
  std::string text(const std::string& ending) const { return test::file_text(root_ + "/voc." + ending); }

  std::string refusal() const {
    std::string message = test::message_of([&] { import_voc(options_); });
    const std::string main = options_.voc + "/VOC2007/ImageSets/Main";
    for (auto at = message.find(main); at != std::string::npos; at = message.find(main))
      message.replace(at, main.size(), "MAIN");
    EXPECT_FALSE(std::filesystem::exists(options_.manifest.out));
    return message;
  }
  std::string refusal(const std::string& name, const std::string& faulty) const {
    const std::string whole = test::file_text(list("VOC2007", name));
    set("VOC2007", name, faulty);
    std::string message = refusal();
    set("VOC2007", name, whole);
    return message;
  }

  std::string root_;
  VocOptions options_{"",
                      {"VOC2007/trainval"},
                      {"VOC2007/test"},
                      Difficult::kUnknown,
                      {"", "", "", 0.2, 0, 1, data::Unlisted::kUnknown, 8}};
};

TEST_F(Voc, ReadsClassesAsPresentAbsentOrUnknownIfDifficult) {
  EXPECT_EQ(import_voc(options_),
            options_.manifest.out + ": 3 images for training, 1 for test; 1 seen labels, 1 unseen\n");
  EXPECT_EQ(text("train.jsonl"),
            "{\"image\":\"VOC2007/JPEGImages/000005.JPG\",\"present\":[\"yak\"],\"absent\":[\"cat\"]}\n"
            "{\"image\":\"VOC2007/JPEGImages/000007.jpg\",\"present\":[\"cat\"],\"absent\":[\"yak\"]}\n"
            "{\"image\":\"VOC2007/JPEGImages/000009.jpg\",\"present\":[\"yak\"]}\n");
  EXPECT_EQ(text("test.jsonl"),
            "{\"image\":\"VOC2007/JPEGImages/000001.jpg\",\"present\":[\"cat\"],\"absent\":[\"yak\"]}\n");
  options_.difficult = Difficult::kPresent;
  import_voc(options_);
  EXPECT_NE(text("train.jsonl").find("000009.jpg\",\"present\":[\"cat\",\"yak\"]}"), std::string::npos);
}

TEST_F(Voc, CombinesSetsOfSeveralReleases) {
  set("VOC2012", "cat_trainval", "2008_000002 1\n");
  set("VOC2012", "yak_trainval", "2008_000002 1\n");
  std::filesystem::create_directories(options_.voc + "/VOC2012/JPEGImages");
  std::ofstream(options_.voc + "/VOC2012/JPEGImages/2008_000002.jpg") << "";
  options_.train = {"VOC2007/trainval", "VOC2012/trainval"};
  import_voc(options_);
  EXPECT_NE(text("train.jsonl").find("VOC2012/JPEGImages/2008_000002.jpg"), std::string::npos);
  options_.test = {"VOC2007/trainval"};
  std::filesystem::remove(options_.manifest.out);
  EXPECT_EQ(refusal(),
            "MAIN/cat_trainval.txt:1: expected each image in one set, got "
            "VOC2007/JPEGImages/000005.JPG again, after MAIN/cat_trainval.txt:1. Choose sets that do not "
            "overlap.");
}

TEST_F(Voc, NamesFaultsByFileAndLine) {
  EXPECT_EQ(
      refusal("cat_trainval", "000005 -1\n000007\n"),
      "MAIN/cat_trainval.txt:2: expected an image and 1, -1 or 0, got '000007'. Download the file again.");
  EXPECT_EQ(refusal("cat_trainval", "000005 -1\n000007 1 1\n"),
            "MAIN/cat_trainval.txt:2: expected an image and 1, -1 or 0, got '000007 1 1'. Download the file "
            "again.");
  EXPECT_EQ(refusal("cat_trainval", "000005 2\n"),
            "MAIN/cat_trainval.txt:1: expected 1, -1 or 0, got '2'. Download the file again.");
  EXPECT_EQ(
      refusal("yak_trainval", "000005 1\n000006 1\n"),
      "MAIN/yak_trainval.txt:2: expected images of MAIN/cat_trainval.txt, got 000006, which it does not "
      "list. Download the files again.");
  EXPECT_EQ(refusal("yak_trainval", "000005 1\n000005 1\n"),
            "MAIN/yak_trainval.txt:2: expected each image once, got 000005 again. Download the file again.");
  EXPECT_EQ(
      refusal("yak_trainval", "000005 1\n000007 1\n"),
      "MAIN/yak_trainval.txt:2: expected the 3 images of MAIN/cat_trainval.txt, got 2 and the end of the "
      "file. Download the files again.");
  options_.train = {"VOC2007/train"};
  EXPECT_EQ(
      refusal(),
      "train: expected files <class>_train.txt in MAIN, got none. Check the folder and the set's name.");
  options_.train = {"trainval"};
  EXPECT_EQ(refusal(),
            "train: expected a release and its set, such as VOC2007/trainval, got 'trainval'. Give both.");
}

}  // namespace
}  // namespace mkt::imports
