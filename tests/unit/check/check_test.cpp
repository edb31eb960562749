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
            "positives per image: ZSL 1.000, GZSL 1.500\n"
            "positives per image, of images with a positive: ZSL 1.000, GZSL 1.500\n"
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

TEST_F(Check, CountsPositivesPerImageOfEachSetting) {
  test_.labels = torch::tensor({1, 1, 1, 0, -1, -1, 1, 0, 0, 1, 1, 1}, torch::kInt8).view({4, 3});
  test_.labels_unseen = test_.labels.columns(2, 3);
  const Fingerprint print = fingerprint_of(test_);
  EXPECT_DOUBLE_EQ(print.zsl.all, 2.0 / 4);
  EXPECT_DOUBLE_EQ(print.zsl.with_positives, 1);
  EXPECT_DOUBLE_EQ(print.gzsl.all, 7.0 / 4);
  EXPECT_DOUBLE_EQ(print.gzsl.with_positives, 7.0 / 3);
  EXPECT_EQ(to_text(print),
            "positives per image: ZSL 0.500, GZSL 1.750\n"
            "positives per image, of images with a positive: ZSL 1.000, GZSL 2.333\n");
  test_.labels = torch::zeros({4, 3}, torch::kInt8);
  test_.labels_unseen = test_.labels.columns(2, 3);
  EXPECT_EQ(fingerprint_of(test_).zsl.with_positives, 0);
}

/// Writes a manifest with one test image; `more` is further lines.
std::string small_manifest(const std::string& more) {
  const std::string folder = test::scratch_folder("check");
  test::RawNusWide::write_file(folder + "/a.jpg", file_text(golden("images/420.jpg")));
  test::RawNusWide::write_file(
      folder + "/set.jsonl",
      "{\"image\": \"a.jpg\", \"present\": [\"cat\", \"yak\"], \"absent\": [\"dog\"]}\n");
  test::RawNusWide::write_file(
      folder + "/set.toml",
      "train = \"set.jsonl\"\ntest = \"set.jsonl\"\nimages = \".\"\nseen = [\"cat\", "
      "\"dog\"]\nunseen = [\"yak\"]\n" +
          more);
  return folder + "/set.toml";
}

TEST(CheckData, ShowsThePublishedFiguresOfTheManifestsOrigin) {
  const auto text = [](const std::string& more) {
    return check_data({small_manifest(more), "", "", 1}).text;
  };
  const std::string known = text("origin = \"open-images\"\n");
  EXPECT_NE(
      known.find("positives per image: ZSL 1.000, GZSL 2.000\n"
                 "positives per image, of images with a positive: ZSL 1.00 (Open Images as published: 1.28), "
                 "GZSL 2.00 (8.68)\n"),
      std::string::npos)
      << known;
  EXPECT_EQ(text("").find("as published"), std::string::npos);
  const std::string refused = test::message_of([&] { text("origin = \"coco\"\n"); });
  EXPECT_NE(refused.find("set.toml:6: origin: expected \"open-images\", got \"coco\". Correct it."),
            std::string::npos)
      << refused;
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
  const torch::Tensor unseen =
      data::load_dataset(options.data_path, data::Split::kTest).labels_unseen.count(1);
  const std::string line =
      fmt::format("\npositives per image: ZSL {:.3f} (NUS-WIDE as published: 1.876), GZSL ",
                  static_cast<double>(unseen.sum().item<std::int64_t>()) / 6);
  EXPECT_NE(result.text.find(line), std::string::npos) << line << result.text;
  EXPECT_NE(result.text.find(" (6.80)\n"), std::string::npos) << result.text;
  EXPECT_NE(file_text(options.report).find("(NUS-WIDE as published: 1.876)"), std::string::npos);
  options.data_path = "/nowhere";
  EXPECT_EQ(test::message_of([&] { check_data(options); }),
            "data-path: expected the NUS-WIDE folder, got nothing at /nowhere. Check the path.");
}

}  // namespace
}  // namespace mkt::check
