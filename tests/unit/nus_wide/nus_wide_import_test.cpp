#include "nus_wide/nus_wide_import.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "data/nus_wide.h"
#include "io/numbered_lines.h"
#include "lists/image_names.h"
#include "support/message.h"
#include "support/raw_nus_wide.h"

namespace mkt::nus_wide {
namespace {

namespace fs = std::filesystem;
using Raw = test::RawNusWide;
using test::file_text;
using test::folder_tree;
using test::message_of;

class NusWideImport : public ::testing::Test {
 protected:
  NusWideImport() {
    options_.raw = raw_.write();
    options_.out = test::scratch_folder("nus_wide") + "/NUS-WIDE";
  }

  std::string path(const std::string& name) const { return options_.out + "/" + name; }
  nlohmann::json summary() const { return nlohmann::json::parse(file_text(path("summary.json"))); }

  Raw raw_;
  NusWideImportOptions options_{"",
                                "",
                                "",
                                TestLabels::kHuman,
                                Rule::kDrop,
                                Rule::kDrop,
                                Rule::kDrop,
                                Rule::kKeep,
                                Rule::kKeep,
                                {},
                                LinkKind::kSymbolic,
                                2};
};

TEST_F(NusWideImport, WritesTheReleasesLabelsAndImages) {
  import_nus_wide(options_);
  const auto [train, test] = data::load_nus_wide(options_.out);
  EXPECT_EQ(train.names.size(), 8U);
  EXPECT_EQ(test.names, (std::vector<std::string>{"fire_truck_0000_1000.jpg", "fire_truck_0003_1003.jpg",
                                                  "person_at_work_0002_1002.jpg", "sea_0001_1001.jpg"}));
  EXPECT_EQ(train.seen, (std::vector<std::string>{"nature", "blue", "water", "red"}));
  EXPECT_EQ(test.unseen, Raw::concepts());
  const std::vector<std::size_t> tag_of = {0, 2, 3, 5};
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < raw_.images().size(); ++i)
    index[raw_.images()[i].folder + "_" + raw_.images()[i].file] = i;
  for (const auto* set : {&train, &test}) {
    for (std::size_t row = 0; row < set->names.size(); ++row) {
      const std::size_t i = index.at(set->names[row]);
      EXPECT_EQ(file_text(set->paths[row]), raw_.images()[i].content);
      const torch::Tensor labels = set->labels.dense({static_cast<std::int64_t>(row)})[0];
      for (std::int64_t c = 0; c < labels.size(0); ++c) {
        const auto column = static_cast<std::size_t>(c);
        const bool present = c < 4 ? raw_.has_tag(i, tag_of[column]) : raw_.has_concept(i, column - 4);
        EXPECT_EQ(labels[c].item<int>(), present ? 1 : -1) << set->names[row] << " " << c;
      }
    }
  }
  EXPECT_TRUE(test.labels_unseen.dense().equal(test.labels.dense().slice(1, 4)));
}

TEST_F(NusWideImport, WritesImageListsAsTextAndPickle) {
  import_nus_wide(options_);
  for (const std::string list : {"img_names", "test_img_names"})
    EXPECT_EQ(data::load_image_names(path(list + ".pkl")), io::read_lines(path(list + ".txt")));
}

TEST_F(NusWideImport, CountsFaultsPerRule) {
  const std::string text = import_nus_wide(options_);
  const auto json = summary();
  const auto count = [&](const char* split, const char* fault) {
    return std::vector<int>{json[split][fault]["found"], json[split][fault]["left_out"]};
  };
  EXPECT_EQ(json["train"]["listed"], 10);
  EXPECT_EQ(count("train", "missing"), (std::vector<int>{1, 1}));
  EXPECT_EQ(count("train", "broken"), (std::vector<int>{1, 1}));
  EXPECT_EQ(count("train", "unavailable"), (std::vector<int>{0, 0}));
  EXPECT_EQ(count("train", "cut_short"), (std::vector<int>{1, 0}));
  EXPECT_EQ(json["train"]["unlabelled"]["left_out"], 0);
  EXPECT_GE(json["train"]["unlabelled"]["found"], 1);
  EXPECT_EQ(json["train"]["kept"], 8);
  EXPECT_EQ(json["test"]["listed"], 6);
  EXPECT_EQ(count("test", "missing"), (std::vector<int>{1, 1}));
  EXPECT_EQ(count("test", "unavailable"), (std::vector<int>{1, 1}));
  EXPECT_EQ(json["test"]["kept"], 4);
  EXPECT_EQ(json["seen"], 4);
  EXPECT_EQ(json["unseen_without_tag"], nlohmann::json({"tattoo"}));
  EXPECT_NE(
      text.find(
          "8 images for training, 4 for test\n4 seen labels (7 tags without the 3 that are concepts), 4 "
          "unseen labels; 1 of them not tags: tattoo"),
      std::string::npos)
      << text;
  std::map<std::string, std::string> left_out;
  for (const std::string& line : io::read_lines(path("left_out.jsonl"))) {
    const auto record = nlohmann::json::parse(line);
    left_out[record["name"]] = record["rule"];
  }
  EXPECT_EQ(left_out, (std::map<std::string, std::string>{{"sea_0100_9001.jpg", "missing"},
                                                          {"sea_0101_9002.jpg", "broken"},
                                                          {"sea_0105_9006.jpg", "missing"},
                                                          {"zoo_0102_9003.jpg", "unavailable"}}));
}

TEST_F(NusWideImport, DropsWhatTheRulesSay) {
  options_.unavailable = Rule::kKeep;
  options_.cut_short = Rule::kDrop;
  options_.unlabelled = Rule::kDrop;
  import_nus_wide(options_);
  const auto json = summary();
  EXPECT_EQ(json["train"]["cut_short"]["left_out"], 1);
  EXPECT_GE(json["train"]["unlabelled"]["left_out"], 1);
  EXPECT_EQ(json["test"]["unavailable"]["left_out"], 0);
  const auto [train, test] = data::load_nus_wide(options_.out);
  EXPECT_TRUE(train.labels.dense().eq(1).any(1).all().item<bool>());
  EXPECT_EQ(test.names.back(), "zoo_0102_9003.jpg");
}

TEST_F(NusWideImport, TreatsAnImageWithANoticesBytesAsUnavailable) {
  options_.unavailable_like = {test::golden("nus-mini/NUS-WIDE/Flickr/sea/0004_4.jpg")};
  import_nus_wide(options_);
  EXPECT_EQ(summary()["train"]["unavailable"]["left_out"], 1);
  EXPECT_FALSE(fs::exists(path("Flickr/sea/0004_4.jpg")));
}

TEST_F(NusWideImport, NamesTheImagesOfAnErrorRule) {
  options_.broken = Rule::kError;
  EXPECT_EQ(message_of([&] { import_nus_wide(options_); }),
            "broken: expected no such image, got 1 of 10: sea_0101_9002.jpg. Correct them, or drop them.");
}

TEST_F(NusWideImport, GivesTheSameDataSetForEveryLayout) {
  import_nus_wide(options_);
  const Raw flat(Raw::Layout::kFlatById, Raw::Tables::kSplit);
  NusWideImportOptions other = options_;
  other.raw = flat.write();
  other.out = test::scratch_folder("nus_wide") + "/NUS-WIDE";
  other.link = LinkKind::kCopy;
  import_nus_wide(other);
  auto expected = folder_tree(options_.out);
  auto found = folder_tree(other.out);
  for (auto* files : {&expected, &found}) {
    for (const char* source_dependent : {"pictures.jsonl", "summary.json", "left_out.jsonl"})
      EXPECT_EQ(files->erase(source_dependent), 1U);
    for (auto& [name, content] : *files) {
      if (starts_with(name, "Flickr/"))
        content = file_text((files == &found ? other.out : options_.out) + "/" + name);
    }
  }
  EXPECT_EQ(found, expected);
}

TEST_F(NusWideImport, MakesLinksOfTheRequestedKind) {
  const std::string image = "Flickr/person_at_work/0002_2.jpg";
  const std::string source = raw_.path("Flickr/person_at_work/0002_2.JPG");
  import_nus_wide(options_);
  EXPECT_EQ(fs::read_symlink(path(image)), fs::canonical(source));
  options_.link = LinkKind::kHard;
  import_nus_wide(options_);
  EXPECT_FALSE(fs::is_symlink(path(image)));
  EXPECT_TRUE(fs::equivalent(path(image), source));
  options_.link = LinkKind::kCopy;
  import_nus_wide(options_);
  EXPECT_FALSE(fs::equivalent(path(image), source));
  EXPECT_EQ(file_text(path(image)), file_text(source));
}

TEST_F(NusWideImport, ASecondRunChangesNothing) {
  import_nus_wide(options_);
  const auto before = folder_tree(options_.out);
  const auto link_made = fs::last_write_time(path("Flickr/sea"));
  import_nus_wide(options_);
  EXPECT_EQ(folder_tree(options_.out), before);
  EXPECT_EQ(fs::last_write_time(path("Flickr/sea")), link_made);
}

TEST_F(NusWideImport, RemovesWhatAnEarlierRunKept) {
  options_.unavailable = Rule::kKeep;
  import_nus_wide(options_);
  EXPECT_TRUE(fs::exists(path("Flickr/zoo/0102_9003.jpg")));
  options_.unavailable = Rule::kDrop;
  import_nus_wide(options_);
  EXPECT_FALSE(fs::exists(path("Flickr/zoo/0102_9003.jpg")));
}

TEST_F(NusWideImport, RemovesIncompleteFilesOfAKilledRun) {
  import_nus_wide(options_);
  const auto before = folder_tree(options_.out);
  for (const char* half :
       {"features/nus_wide_train.h5.tmp-77", "summary.json.tmp-77", "Flickr/zoo/0102_9003.jpg.part"})
    Raw::write_file(path(half), "half");
  fs::remove(path("Flickr/sea/0001_1.jpg"));
  Raw::write_file(path("Flickr/sea/0001_1.jpg.part"), "half");
  import_nus_wide(options_);
  EXPECT_EQ(folder_tree(options_.out), before);
}

TEST_F(NusWideImport, RefusesAFolderWithOtherFiles) {
  fs::create_directories(options_.out);
  std::ofstream(path("thesis.tex")) << "x";
  EXPECT_EQ(message_of([&] { import_nus_wide(options_); }),
            fmt::format("out: expected a new or empty folder, or that of an earlier run, got '{}', which has "
                        "other files. Choose another.",
                        options_.out));
  for (const std::string& place : {raw_.root(), raw_.path("Flickr/new"), raw_.path("new")}) {
    options_.out = place;
    EXPECT_EQ(
        message_of([&] { import_nus_wide(options_); }),
        fmt::format(
            "out: expected a folder outside those of the release and its images, got '{}'. Choose another.",
            place));
  }
}

TEST_F(NusWideImport, ReportsMissingImages) {
  options_.pictures = "/nowhere";
  EXPECT_EQ(message_of([&] { import_nus_wide(options_); }),
            "pictures: expected the image folder, got '/nowhere', which is not a folder. Check the path.");
  options_.pictures = test::scratch_folder("empty");
  EXPECT_EQ(message_of([&] { import_nus_wide(options_); }),
            fmt::format("pictures: expected .jpg, .png, .webp, .tif, .bmp, .gif, .heic or .avif files in {} "
                        "or in its subfolders, got none. "
                        "Check the path.",
                        options_.pictures));
  options_.pictures = test::golden("images");
  EXPECT_EQ(message_of([&] { import_nus_wide(options_); }),
            fmt::format("pictures: expected images of {} for training, got none of 10 (10 missing). Check "
                        "the image folder.",
                        options_.raw));
  options_.pictures = "";
  fs::rename(raw_.path("Flickr"), raw_.path("photos"));
  EXPECT_EQ(
      message_of([&] { import_nus_wide(options_); }),
      fmt::format("pictures: expected the image folder, because {} has neither Flickr nor images. Give it.",
                  options_.raw));
}

TEST_F(NusWideImport, FindsImagesByFlickrIdUnderOtherNames) {
  fs::rename(raw_.path("Flickr/sea/0001_1.jpg"), raw_.path("Flickr/98796_1_f86eb60ccf_m.jpg"));
  fs::rename(raw_.path("Flickr/sea/0001_1001.jpg"), raw_.path("Flickr/1001.JPEG"));
  fs::rename(raw_.path("Flickr/sea/0004_4.jpg"), raw_.path("Flickr/0004_4.jpg"));
  std::ofstream(raw_.path("Flickr/sea/._0001_1.jpg")) << "AppleDouble";
  import_nus_wide(options_);
  EXPECT_EQ(summary()["train"]["missing"]["found"], 1);
  EXPECT_EQ(summary()["test"]["missing"]["found"], 1);
  EXPECT_EQ(fs::read_symlink(path("Flickr/sea/0001_1.jpg")).filename(), "98796_1_f86eb60ccf_m.jpg");
}

}  // namespace
}  // namespace mkt::nus_wide
