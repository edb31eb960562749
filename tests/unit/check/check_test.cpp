#include "check/check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mkt/torch.h"
#include "support/message.h"
#include "support/raw_nus_wide.h"

namespace mkt::check {
namespace {

namespace fs = std::filesystem;
using test::file_text;
using test::golden;

/// Two seen labels and one unseen label. The same image is twice in training (a, b) and once in the test
/// split (e).
class Check : public ::testing::Test {
 protected:
  Check() : folder_(test::scratch_folder("check")) {
    train_.names = {"a", "b", "c", "d"};
    train_.paths = {put("a", "images/420.jpg"), put("b", "images/420.jpg"), put("c", "images/truncated.jpg"),
                    put("d", "images/444.jpg")};
    train_.labels = torch::tensor({1, -1, 1, -1, 1, -1, -1, 0}, torch::kInt8).view({4, 2});
    train_.seen = {"cat", "<dog>"};
    test_.names = {"e", "f"};
    test_.paths = {put("e", "images/420.jpg"), put("f", "images/small.png")};
    test_.labels = torch::tensor({1, -1, 1, -1, -1, 1}, torch::kInt8).view({2, 3});
    test_.labels_unseen = test_.labels.columns(2, 3);
    test_.seen = train_.seen;
    test_.unseen = {"yak"};
  }

  std::string put(const std::string& name, const std::string& source) const {
    test::RawNusWide::write_file(fmt::format("{}/{}.jpg", folder_, name), file_text(golden(source)));
    return fmt::format("{}/{}.jpg", folder_, name);
  }
  DataQuality examine() const { return examine_data(&train_, &test_, 2); }

  std::string folder_;
  data::Dataset train_;
  data::Dataset test_;
};

TEST_F(Check, CountsImagesPerLabelAndUnlabelledImages) {
  const DataQuality quality = examine();
  ASSERT_EQ(quality.train->labels.size(), 2U);
  EXPECT_EQ(quality.train->labels[0].images, 3);
  EXPECT_EQ(quality.train->labels[1].images, 0);
  EXPECT_EQ(quality.train->unlabelled, 1);
  ASSERT_EQ(quality.test->labels.size(), 3U);
  EXPECT_EQ(quality.test->labels[2].label, "yak");
  EXPECT_TRUE(quality.test->labels[2].unseen);
  EXPECT_EQ(quality.test->labels[2].images, 2);
  EXPECT_EQ(quality.test->unlabelled, 0);
}

TEST_F(Check, NamesTheIdsOfLabelsThatHaveThem) {
  train_.seen_ids = test_.seen_ids = {"/m/1", "/m/2"};
  test_.unseen_ids = {"/m/3"};
  const auto json = to_json(examine());
  EXPECT_EQ(json["train"]["labels"][1]["id"], "/m/2");
  EXPECT_EQ(json["test"]["labels"][2]["id"], "/m/3");
}

TEST_F(Check, FindsEqualFilesWithinAndBetweenSplits) {
  const DataQuality quality = examine();
  ASSERT_EQ(quality.shared.size(), 1U);
  EXPECT_EQ(quality.shared[0].train, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(quality.shared[0].test, (std::vector<std::string>{"e"}));
  EXPECT_EQ(quality.train->repeated, 1);
  EXPECT_EQ(quality.test->repeated, 0);
}

TEST_F(Check, IsSoundIfEveryImageCanBeRead) {
  const DataQuality cut = examine();
  ASSERT_EQ(cut.train->faults.size(), 1U);
  EXPECT_EQ(cut.train->faults[0].state, ImageState::kCutShort);
  EXPECT_TRUE(cut.sound());
  fs::remove(train_.paths[3]);
  EXPECT_FALSE(examine().sound());
  put("d", "bad/html.jpg");
  const DataQuality broken = examine();
  EXPECT_FALSE(broken.sound());
  EXPECT_EQ(broken.train->faults[1].state, ImageState::kBroken);
  EXPECT_NE(to_text(broken).find("  broken 1: d\n  cut short 1: c\n"), std::string::npos) << to_text(broken);
}

TEST_F(Check, TextAndJsonAgree) {
  const DataQuality quality = examine();
  EXPECT_EQ(to_text(quality),
            "train: 4 images, 2 labels\n"
            "  cut short 1: c\n"
            "  without a label 1\n"
            "  same bytes as an earlier image 1\n"
            "  labels without an image 1: <dog>\n"
            "test: 2 images, 3 labels\n"
            "  labels without an image 1: <dog>\n"
            "in both training and test, byte for byte: 1 (a = e)\n"
            "all images can be read\n");
  const auto json = to_json(quality);
  EXPECT_EQ(json["sound"], true);
  EXPECT_EQ(json["train"]["cut_short"], 1);
  EXPECT_EQ(json["train"]["faults"],
            nlohmann::ordered_json::parse(R"([{"name": "c", "state": "cut_short"}])"));
  EXPECT_EQ(json["train"]["labels_without_pictures"], nlohmann::ordered_json({"<dog>"}));
  EXPECT_EQ(json["test"]["labels"][2]["images"], 2);
  EXPECT_FALSE(json["test"]["labels"][2].contains("id"));
  EXPECT_EQ(json["shared"][0]["train"].size(), 2U);
}

TEST_F(Check, ThePageIsSelfContainedAndEscaped) {
  const std::string page = to_page(examine(), "R&D <set>");
  EXPECT_NE(page.find("<title>R&amp;D &lt;set&gt; – data</title>"), std::string::npos);
  EXPECT_NE(page.find("&lt;dog&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<dog>"), std::string::npos);
  for (const char* outside : {"http://", "https://", "src=", "@import"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_NE(page.find("<path class=\"curve s0\""), std::string::npos);
  EXPECT_NE(page.find("unseen labels, test (1)"), std::string::npos);
}

TEST_F(Check, ASplitMayBeAbsent) {
  const DataQuality quality = examine_data(nullptr, &test_, 1);
  EXPECT_FALSE(quality.train.has_value());
  EXPECT_EQ(quality.test->images, 2);
  EXPECT_NE(to_page(quality, "t").find("<h2>Test</h2>"), std::string::npos);
  EXPECT_EQ(to_json(quality).count("train"), 0U);
}

TEST(CheckData, ReadsTheNusWideLayout) {
  CheckOptions options{"", "", "", 8};
  options.data_path = golden("nus-mini/NUS-WIDE");
  options.report = test::scratch_folder("check") + "/check.html";
  const CheckResult result = check_data(options);
  EXPECT_TRUE(result.sound);
  EXPECT_NE(result.text.find("train: 8 images, 24 labels\n"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("test: 6 images, 32 labels\n"), std::string::npos) << result.text;
  EXPECT_NE(file_text(options.report).find("</html>"), std::string::npos);
  options.data_path = "/nowhere";
  EXPECT_EQ(test::message_of([&] { check_data(options); }),
            "data-path: expected the NUS-WIDE folder, got nothing at /nowhere. Check the path.");
}

}  // namespace
}  // namespace mkt::check
