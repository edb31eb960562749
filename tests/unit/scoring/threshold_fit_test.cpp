#include "scoring/threshold_fit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "mkt/metrics/thresholds.h"
#include "support/command.h"
#include "support/message.h"
#include "unit/scoring/scored_example.h"

namespace mkt::scoring {
namespace {

const artifact::ThresholdScores kScores{model::ScoreKind::kLocal,    5,  "a photo of a {}", "",
                                        image::clip_preprocessing(), 64, "images",          "texts"};

artifact::ThresholdScores changed(const std::function<void(artifact::ThresholdScores&)>& change) {
  artifact::ThresholdScores scores = kScores;
  change(scores);
  return scores;
}

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
      torch::equal(artifact::load_thresholds(path, {"sky", "cat", "dog"}, kScores).values, fitted.per_label));
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
      message({"sky", "cat", "dog"}, changed([](auto& scores) { scores.kind = model::ScoreKind::kMkt; })),
      "score: expected local, which the thresholds of " + path +
          " were fitted to, got mkt. Use local (for an exported model: in prepare export), or fit other "
          "thresholds.");
  EXPECT_EQ(message({"sky", "cat", "dog"}, changed([](auto& scores) { scores.local = 6; }))
                .rfind("topk: expected 5, ", 0),
            0U);
  EXPECT_EQ(message({"sky", "cat", "dog"}, changed([](auto& scores) { scores.prompt_template = "{}"; }))
                .rfind("template: expected a photo of a {}, ", 0),
            0U);
}

/// Applies `change` to a threshold file; returns the error from reading it for `scores`, and the log.
struct Read {
  std::string message;
  std::string log;
};
Read read_changed(const std::function<void(nlohmann::json&)>& change,
                  const artifact::ThresholdScores& scores) {
  const std::string path = threshold_file();
  auto json = nlohmann::json::parse(test::file_text(path));
  change(json);
  std::ofstream(path) << json;
  testing::internal::CaptureStderr();
  std::string message = test::message_of([&] {
    artifact::load_thresholds(path, {"sky", "cat", "dog"}, scores);
  });
  const std::string log = testing::internal::GetCapturedStderr();
  const auto without_path = [&](std::string text) {
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path))
      text.replace(at, path.size(), "FILE");
    return text;
  };
  return {without_path(message), without_path(log)};
}

TEST(LoadThresholds, RefusesOtherWeightsPhrasesAndImages) {
  const auto nothing = [](nlohmann::json&) {};
  const auto message = [&](const std::function<void(artifact::ThresholdScores&)>& change) {
    artifact::ThresholdScores scores = kScores;
    change(scores);
    return read_changed(nothing, scores).message;
  };
  EXPECT_EQ(message([](auto&) {}), "");
  EXPECT_EQ(message([](auto& scores) { scores.image_sha256 = "others"; }),
            "FILE: expected thresholds fitted with this image encoder, got ones fitted with another. Use the "
            "weights "
            "and checkpoints that they were fitted with, or fit others.");
  EXPECT_EQ(message([](auto& scores) { scores.text_sha256 = "others"; }),
            "FILE: expected thresholds fitted with this text encoder, got ones fitted with another. Use the "
            "weights "
            "and checkpoints that they were fitted with, or fit others.");
  EXPECT_EQ(
      message([](auto& scores) { scores.phrases_sha256 = "others"; }),
      "phrases: expected none, as the thresholds of FILE were fitted with, got another. Use the same phrases "
      "(for an exported model: in prepare export), or fit other thresholds.");
  EXPECT_EQ(message([](auto& scores) { scores.image_size = 224; }).rfind("input-size: expected 64, ", 0), 0U);
  EXPECT_EQ(
      message([](auto& scores) { scores.preprocessing.resize = image::ResizeMode::kSquash; })
          .rfind("preprocess: expected mean 0.48145466 0.4578275 0.40821073, std 0.26862954 0.26130258 "
                 "0.27577711, resize short, crop share 1, which the thresholds of FILE were fitted to, got ",
                 0),
      0U);
}

TEST(LoadThresholds, TakesFilesOfEarlierVersionsForMktsPreprocessing) {
  const auto as_earlier = [](nlohmann::json& json) {
    for (const char* name :
         {"phrases_sha256", "preprocessing", "image_size", "image_sha256", "text_sha256", "calibration"})
      json.erase(name);
  };
  artifact::ThresholdScores scores = kScores;
  EXPECT_EQ(
      read_changed(as_earlier, scores).message.rfind("preprocess: expected mean 0.485 0.456 0.406, ", 0), 0U);
  scores.preprocessing = image::mkt_preprocessing(64);
  const Read read = read_changed(as_earlier, scores);
  EXPECT_EQ(read.message, "");
  EXPECT_NE(
      read.log.find("FILE: it is unknown whether the thresholds were fitted with these weights. Fit them "
                    "again."),
      std::string::npos)
      << read.log;
  EXPECT_EQ(read_changed([](auto&) {}, kScores).log, "");
}

TEST(LoadThresholds, ReadsTheCalibrationOfTheSameScores) {
  const std::string path = threshold_file();
  const auto calibration = artifact::load_thresholds(path, {"sky", "cat", "dog"}, kScores).calibration;
  ASSERT_TRUE(calibration.has_value());
  const auto json = nlohmann::json::parse(test::file_text(path));
  EXPECT_EQ(calibration->slope, json["calibration"]["slope"]);
  EXPECT_GE(json["calibration"]["ece"]["after"], 0);
  EXPECT_EQ(read_changed([](auto& values) { values["calibration"] = 3; }, kScores).message,
            "FILE: expected a calibration with slope and intercept, got 3. Fit the thresholds again.");
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
