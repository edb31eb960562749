// Tests eval --protocol biam on a miniature with made-up annotations.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "integration/world.h"
#include "support/plain_metrics.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kSeen = 26;
constexpr std::size_t kUnseen = 23;
const std::vector<std::int64_t> kListed = {10, 20};

/// Annotations of test image `i`: 1, -1 or 0 per label. Images 0 to 2 have no positive, 3 to 6 no unseen one;
/// labels 4 and 27 have negatives only, labels 5 and 28 no annotation.
std::vector<double> annotations(std::size_t i) {
  std::vector<double> labels(kSeen + kUnseen);
  for (std::size_t c = 0; c < labels.size(); ++c) {
    const std::size_t turn = (i * 7 + c * 5 + i * c) % 11;
    labels[c] = turn < 2 ? 1 : turn < 5 ? -1 : 0;
    const bool no_positive = i < 3 || (i < 7 && c >= kSeen) || c == 4 || c == kSeen + 1;
    if (labels[c] == 1 && no_positive) labels[c] = -1;
    if (c == 5 || c == kSeen + 2) labels[c] = 0;
  }
  return labels;
}

/// Names of the labels, seen before unseen; "twin" and "Twin" are the same text for the tokenizer.
std::vector<std::string> names() {
  std::vector<std::string> labels;
  for (std::size_t c = 0; c < kSeen + kUnseen; ++c) labels.push_back(fmt::format("thing number {}", c));
  labels[3] = "twin";
  labels[kSeen + 3] = "Twin";
  return labels;
}

/// Writes a manifest over the miniature's images; returns its path. `annotated` gets the test annotations.
std::string miniature(PlainTable& annotated) {
  const std::string folder = scratch_folder("protocol");
  const std::vector<std::string> labels = names();
  std::ofstream lines(folder + "/oi.test.jsonl");
  for (const auto& entry : fs::recursive_directory_iterator(mini_nus_wide() + "/Flickr")) {
    if (!entry.is_regular_file()) continue;
    annotated.push_back(annotations(annotated.size()));
    json line = {{"image", fs::relative(entry.path(), mini_nus_wide()).string()},
                 {"present", json::array()},
                 {"absent", json::array()}};
    for (std::size_t c = 0; c < labels.size(); ++c) {
      if (annotated.back()[c] != 0)
        line[annotated.back()[c] == 1 ? "present" : "absent"].push_back(labels[c]);
    }
    lines << line.dump() << "\n";
  }
  const auto split = labels.begin() + kSeen;
  std::ofstream(folder + "/oi.toml") << "train = \"oi.test.jsonl\"\ntest = \"oi.test.jsonl\"\nimages = \""
                                     << mini_nus_wide()
                                     << "\"\nclasses = \"ids\"\norigin = \"open-images\"\nseen = "
                                     << json(std::vector<std::string>(labels.begin(), split)).dump()
                                     << "\nunseen = "
                                     << json(std::vector<std::string>(split, labels.end())).dump() << "\n";
  return folder + "/oi.toml";
}

void expect_near(const json& found, const PlainSetting& expected) {
  constexpr double kNear = 1e-6;
  EXPECT_NEAR(found["map"].get<double>(), expected.map, kNear);
  EXPECT_NEAR(found["weighted_map"].get<double>(), expected.weighted_map, kNear);
  EXPECT_NEAR(found["map_per_image"].get<double>(), expected.map_per_image, kNear);
  EXPECT_EQ(found["images"].get<std::size_t>(), expected.images);
  EXPECT_EQ(found["labels"].get<std::size_t>(), expected.labels);
  for (const std::int64_t k : kListed) {
    EXPECT_NEAR(found[fmt::format("f1_{}", k)].get<double>(), expected.f1.at(k).f1, kNear);
    EXPECT_NEAR(found[fmt::format("precision_{}", k)].get<double>(), expected.f1.at(k).precision, kNear);
    EXPECT_NEAR(found[fmt::format("recall_{}", k)].get<double>(), expected.f1.at(k).recall, kNear);
  }
}

std::vector<std::size_t> range(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> all;
  for (std::size_t c = begin; c < end; ++c) all.push_back(c);
  return all;
}

Arguments eval_on(const std::string& data) {
  return {program("eval"), "--data-path", data,        "--clip-path", clip_file("tiny"),
          "--topk",        "5",           "--workers", "2",           "--zero-shot"};
}

TEST(EvalProtocol, BiamEqualsASlowStatementOnSavedScores) {
  PlainTable labels;
  const std::string data = miniature(labels);
  const std::string stem = scratch_folder("biam") + "/result";
  const auto result = run_command(
      eval_on(data) + Arguments{"--score", "mkt", "--protocol", "biam", "--k", "10", "20", "--per-image",
                                "--json", stem + ".json", "--save-scores", stem + ".safetensors"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.output.find("F1@10"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("\nSEEN "), std::string::npos) << result.output;
  const json found = json::parse(file_text(stem + ".json"));
  EXPECT_EQ(found["protocol"], "biam");
  EXPECT_EQ(found["k"], kListed);
  EXPECT_EQ(found["images"], labels.size());
  const auto scores = weights::load_safetensors(stem + ".safetensors").tensors;
  const PlainTable gzsl = plain(scores.at("gzsl"));
  EXPECT_EQ(gzsl[0][3], gzsl[0][kSeen + 3]);  // the twins
  const std::size_t all = kSeen + kUnseen;
  expect_near(found["zsl"], plain_biam(plain(scores.at("zsl")), columns_of(labels, range(kSeen, all)),
                                       kListed, false, false));
  expect_near(found["gzsl"], plain_biam(gzsl, labels, kListed, true, false));
  expect_near(found["seen"], plain_biam(columns_of(gzsl, range(0, kSeen)),
                                        columns_of(labels, range(0, kSeen)), kListed, true, true));
  EXPECT_LT(found["zsl"]["images"].get<int>(), found["gzsl"]["images"].get<int>());
}

TEST(EvalProtocol, BiamIsOnTheReportsPage) {
  PlainTable labels;
  const std::string folder = scratch_folder("biam") + "/page";
  const auto result =
      run_command(eval_on(miniature(labels)) +
                  Arguments{"--protocol", "biam", "--k", "10", "4", "--per-image", "--report", folder});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const std::string page = file_text(folder + "/index.html");
  for (const char* text : {"<dt>Protocol</dt><dd>biam</dd>", "<th>w-mAP</th>", "<th>mAP/img</th>",
                           "<th>R@10</th>", "<th>F1@4</th>", "ZSL F1@10", "SEEN · CLIP, cosine score",
                           "SEEN · CLIP, MKT score", "Images with a positive count"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
  EXPECT_EQ(page.find("F1@3"), std::string::npos);
}

TEST(EvalProtocol, PerImageAddsOneNumberToEachSettingOfMkt) {
  PlainTable labels;
  const std::string data = miniature(labels);
  const std::string folder = scratch_folder("per_image");
  ASSERT_EQ(run_command(eval_on(data) + Arguments{"--json", folder + "/a.json"}).exit_code, 0);
  const auto with = run_command(eval_on(data) + Arguments{"--per-image", "--json", folder + "/b.json"});
  ASSERT_EQ(with.exit_code, 0) << with.error;
  EXPECT_NE(with.output.find("mAP/img"), std::string::npos) << with.output;
  json without = json::parse(file_text(folder + "/b.json"));
  for (const char* setting : {"zsl", "gzsl"})
    EXPECT_EQ(without[setting].erase("map_per_image"), 1U) << setting;
  EXPECT_EQ(without, json::parse(file_text(folder + "/a.json")));
}

TEST(EvalProtocol, RefusesWrongNumbersAndWarnsOfLargeOnes) {
  const Arguments command = tiny("eval") + Arguments{"--zero-shot"};
  expect_failure(run_command(command + Arguments{"--k", "3", "5", "3"}), 2,
                 "eval: --k: expected distinct numbers, got 3 twice. Drop one.\n");
  expect_failure(run_command(command + Arguments{"--k", "3", "0"}), 2, "--k: expected a number >= 1, got 0");
  expect_failure(run_command(command + Arguments{"--k", "3,5"}), 2, "--k: expected a number, got '3,5'");
  expect_failure(run_command(command + Arguments{"--protocol", "lesa"}), 2,
                 "expected one of mkt, biam; got 'lesa'");
  const auto large = run_command(command + Arguments{"--k", "3", "--k", "9"});
  EXPECT_EQ(large.exit_code, 0) << large.error;
  EXPECT_NE(large.error.find(
                "--k: F1 at k predicts all labels of a setting that has fewer than k: ZSL has 8 (k = 9)."),
            std::string::npos)
      << large.error;
  EXPECT_NE(large.output.find("R@9\n"), std::string::npos) << large.output;
}

TEST(TrainProtocol, DecidesTheRecordsAndTheLogLine) {
  const std::string run = scratch_folder("protocol") + "/run";
  const auto result =
      run_command(tiny_stage1(run) + Arguments{"--epochs", "1", "--protocol", "biam", "--k", "4", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.error.find(", F1@4 "), std::string::npos) << result.error;
  const json record = records(run, "eval").at(0);
  EXPECT_EQ(record["protocol"], "biam");
  for (const char* setting : {"zsl", "gzsl", "seen"}) {
    EXPECT_TRUE(record[setting].contains("f1_4")) << setting;
    EXPECT_TRUE(record[setting].contains("recall_1")) << setting;
    EXPECT_FALSE(record[setting].contains("f1_3")) << setting;
  }
  EXPECT_NE(file_text(run + "/resolved.toml").find("protocol = \"biam\"\nk = [4, 1]\n"), std::string::npos)
      << file_text(run + "/resolved.toml");
  const auto again = run_command({program("train_stage1"), "--config", run + "/resolved.toml", "--resume"});
  EXPECT_EQ(again.exit_code, 0) << again.error;
}

TEST(Check, PrintsTheFingerprintOfTheManifestsOrigin) {
  PlainTable labels;
  const std::string data = miniature(labels);
  double positives = 0;
  double images = 0;
  for (const std::vector<double>& row : labels) {
    const auto count = static_cast<double>(std::count(row.begin() + kSeen, row.end(), 1.0));
    positives += count;
    images += count > 0 ? 1 : 0;
  }
  const std::string page = scratch_folder("protocol") + "/check.html";
  const auto result = run_command({program("prepare"), "check", "--data-path", data, "--report", page});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const std::string line = fmt::format(
      "positives per image, of images with a positive: ZSL {:.2f} (Open Images as published: 1.28), GZSL ",
      positives / images);
  EXPECT_NE(result.output.find(line), std::string::npos) << line << result.output;
  EXPECT_NE(result.output.find(" (8.68)\n"), std::string::npos) << result.output;
  EXPECT_NE(file_text(page).find("(Open Images as published: 1.28)"), std::string::npos);
}

}  // namespace
}  // namespace mkt::test
