#include "world/demo_data.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/nus_wide.h"
#include "io/numbered_lines.h"
#include "mkt/codecs/decode.h"
#include "mkt/image/transforms.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::demo {
namespace {

namespace fs = std::filesystem;

DataSetOptions small(const std::string& name) {
  DataSetOptions options{};
  options.workers = 2;
  options.output = mkt::test::scratch_folder("demo_" + name) + "/data";
  options.seed = 9;
  options.split = 2;
  options.train = 12;
  options.validation = 5;
  options.test = 7;
  options.single = 6;
  return options;
}

/// Folder of a data set generated once, for read-only tests.
const std::string& drawn() {
  static const std::string root = [] {
    const DataSetOptions options = small("drawn");
    write_data_set(options);
    return options.output;
  }();
  return root;
}

std::vector<nlohmann::json> truth(const std::string& file) {
  std::vector<nlohmann::json> lines;
  for (const std::string& line : io::read_lines(drawn() + "/" + file))
    lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(DemoDataSet, LoadsInTheNusWideLayout) {
  const auto [train, test] = data::load_nus_wide(drawn());
  EXPECT_EQ(train.paths.size(), 12U);
  EXPECT_EQ(test.paths.size(), 7U);
  EXPECT_EQ(test.seen.size(), 89U);
  EXPECT_EQ(test.unseen.size(), 61U);
  EXPECT_EQ(data::load_nus_wide(drawn() + "/validation").second.paths.size(), 5U);
  EXPECT_EQ(data::load_nus_wide(drawn() + "/validation").first.names, train.names);
  EXPECT_EQ(data::load_nus_wide(drawn() + "/single", data::Split::kTest).paths.size(), 6U);
}

TEST(DemoDataSet, ImagesDependOnSeedPartAndIndex) {
  const auto test = data::load_nus_wide(drawn(), data::Split::kTest);
  EXPECT_TRUE(
      torch::equal(image::decode_file(test.paths[3]), part_image({WorldKind::kShapes, 9, Part::kTest, 3})));
  EXPECT_FALSE(torch::equal(part_image({WorldKind::kShapes, 9, Part::kTest, 3}),
                            part_image({WorldKind::kShapes, 9, Part::kValidation, 3})));
  EXPECT_FALSE(torch::equal(part_image({WorldKind::kShapes, 9, Part::kTest, 3}),
                            part_image({WorldKind::kShapes, 10, Part::kTest, 3})));
}

TEST(DemoDataSet, IsTheSameOnAnyNumberOfThreads) {
  DataSetOptions options = small("threads");
  options.workers = 0;
  write_data_set(options);
  for (const char* file :
       {"features/nus_wide_train.h5", "features/nus_wide_test.h5", "truth_test.jsonl", "test_img_names.txt",
        "Flickr/train/000_000011.png", "single/features/nus_wide_test.h5"}) {
    EXPECT_TRUE(mkt::test::file_text(options.output + "/" + file) ==
                mkt::test::file_text(drawn() + "/" + file))
        << file;
    EXPECT_FALSE(mkt::test::file_text(drawn() + "/" + file).empty()) << file;
  }
}

TEST(DemoDataSet, LabelsAgreeWithTheTruth) {
  const auto test = data::load_nus_wide(drawn(), data::Split::kTest);
  const auto labels = data::all_labels(test);
  const auto lines = truth("truth_test.jsonl");
  ASSERT_EQ(lines.size(), test.names.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["name"], test.names[i]);
    std::set<std::string> expected = {lines[i]["background"]};
    for (const auto& object : lines[i]["objects"]) {
      const std::string shape = object["shape"];
      expected.insert(shape);
      expected.insert(object["colour"].get<std::string>() + " " + shape);
      if (object["texture"] != "plain") expected.insert(object["texture"].get<std::string>() + " " + shape);
    }
    std::set<std::string> found;
    const torch::Tensor row = test.labels.dense({static_cast<std::int64_t>(i)})[0];
    for (std::size_t c = 0; c < labels.size(); ++c) {
      if (row[static_cast<std::int64_t>(c)].item<int>() == 1) found.insert(labels[c]);
    }
    EXPECT_EQ(found, expected) << test.names[i];
  }
  EXPECT_TRUE(test.labels.dense().abs().eq(1).all().item<bool>());
  EXPECT_TRUE(torch::equal(test.labels.dense().narrow(1, 89, 61), test.labels_unseen.dense()));
}

TEST(DemoDataSet, SingleImagesHaveOneObject) {
  for (const auto& line : truth("single/truth_test.jsonl")) EXPECT_EQ(line["objects"].size(), 1U);
}

TEST(DemoDataSet, EvaluationSeesTheCentreOfAnImageUnscaled) {
  const torch::Tensor image = part_image({WorldKind::kShapes, 9, Part::kTest, 0});
  const torch::Tensor middle = image.narrow(0, kViewStart, kViewSize).narrow(1, kViewStart, kViewSize);
  EXPECT_TRUE(torch::equal(image::evaluation_transform(image, kViewSize, kDemoPreprocessing), middle));
}

TEST(DemoDataSet, RefusesAFolderWithFiles) {
  DataSetOptions options = small("taken");
  options.output = drawn();
  EXPECT_EQ(mkt::test::message_of([&] { write_data_set(options); }),
            "output: expected a new or empty folder, got '" + drawn() +
                "', which has files. Choose another, or remove it.");
  options.output = "/proc/none/data";
  EXPECT_EQ(mkt::test::message_of([&] {
              write_data_set(options);
            }).rfind("output: expected a folder, got '/proc/none/data'", 0),
            0U);
}

}  // namespace
}  // namespace mkt::demo
