#include "scoring/threshold_fit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "mkt/metrics/thresholds.h"
#include "support/command.h"
#include "support/message.h"
#include "unit/scoring/scored_example.h"

namespace mkt::scoring {
namespace {

const artifact::ThresholdScores kScores{model::ScoreKind::kLocal, 5, "a photo of a {}"};

/// Writes the thresholds fitted to the example scores; returns the file's path.
std::string threshold_file() {
  const std::string path = test::scratch_folder("thresholds") + "/thresholds.json";
  write_thresholds(path, kScores, example_scores(), example_dataset());
  return path;
}

TEST(WriteThresholds, GivesTheFittedThresholdsToTheReader) {
  const std::string path = threshold_file();
  const metrics::FittedThresholds fitted =
      metrics::fit_thresholds(example_scores().gzsl, example_dataset().labels.dense());
  EXPECT_TRUE(
      torch::equal(artifact::load_thresholds(path, {"sky", "cat", "dog"}, kScores), fitted.per_label));
  std::ifstream file(path);
  const auto json = nlohmann::json::parse(file);
  EXPECT_EQ(json["images"], 4);
  EXPECT_EQ(json["global"], fitted.for_all);
  EXPECT_EQ(json["f1"]["thresholds"]["micro"], fitted.per_label_f1.micro);
  EXPECT_EQ(json["f1_cross"]["global"]["macro"], fitted.for_all_cross.macro);
}

TEST(WriteThresholds, ReturnsALinePerKindOfThreshold) {
  const std::string path = test::scratch_folder("thresholds") + "/thresholds.json";
  const std::string text = write_thresholds(path, kScores, example_scores(), example_dataset());
  EXPECT_EQ(text.rfind("one threshold per label: F1 ", 0), 0U) << text;
  EXPECT_NE(text.find("\none threshold for all: F1 "), std::string::npos) << text;
  EXPECT_NE(text.find("; cross-validated "), std::string::npos) << text;
}

TEST(LoadThresholds, RefusesOtherLabelsAndScores) {
  const std::string path = threshold_file();
  const auto message = [&](const std::vector<std::string>& labels, const artifact::ThresholdScores& scores) {
    return test::message_of([&] { artifact::load_thresholds(path, labels, scores); });
  };
  const std::string advice =
      ". Use the labels that the thresholds were fitted to, in the same order, or fit other thresholds.";
  EXPECT_EQ(message({"sky", "cow", "dog"}, kScores),
            path + ": expected thresholds for the labels given, 'cow' as number 2, got 'cat'" + advice);
  EXPECT_EQ(
      message({"sky", "cat"}, kScores),
      path + ": expected thresholds for the labels given, no further label as number 3, got 'dog'" + advice);
  EXPECT_EQ(
      message({"sky", "cat", "dog"}, {model::ScoreKind::kMkt, 5, kScores.prompt_template}),
      "score: expected local, which the thresholds of " + path +
          " were fitted to, got mkt. Use local (for an exported model: in prepare export), or fit other "
          "thresholds.");
  EXPECT_EQ(message({"sky", "cat", "dog"}, {model::ScoreKind::kLocal, 6, kScores.prompt_template})
                .rfind("topk: expected 5, ", 0),
            0U);
  EXPECT_EQ(message({"sky", "cat", "dog"}, {model::ScoreKind::kLocal, 5, "{}"})
                .rfind("template: expected a photo of a {}, ", 0),
            0U);
}

TEST(LoadThresholds, RefusesOtherFiles) {
  const std::string path = test::scratch_folder("thresholds") + "/other.json";
  std::ofstream(path) << R"({"labels": ["sky"], "thresholds": [0.5, 0.5]})";
  EXPECT_EQ(
      test::message_of([&] { artifact::load_thresholds(path, {"sky"}, kScores); }),
      path + ": expected thresholds fitted by eval, got another file. Fit some with eval, or name another.");
}

}  // namespace
}  // namespace mkt::scoring
