#include "scoring/statistics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"
#include "unit/scoring/scored_example.h"

namespace mkt::scoring {
namespace {

const std::vector<std::string> kUnseenNames = {"cat", "dog"};
const std::vector<std::string> kAllNames = {"sky", "cat", "dog"};

artifact::ThresholdScores standard_scores() {
  return {model::ScoreKind::kStandard,
          {model::Pooling::kSoftmax, 20},
          "a photo of a {}",
          "",
          image::clip_preprocessing(),
          64,
          "images",
          "texts"};
}

Statistics some_statistics() {
  return {12,
          {{kUnseenNames, {torch::tensor({0.1F, -0.3F}), torch::tensor({0.7F, 0.4F})}},
           {kAllNames, {torch::tensor({0.2F, 0.5F, -0.25F}), torch::tensor({0.5F, 1.1F, 0.9F})}}}};
}

std::string statistics_file() {
  const std::string path = test::scratch_folder("statistics") + "/statistics.json";
  write_statistics(path, standard_scores(), some_statistics());
  return path;
}

TEST(Moments, AreMeanAndDeviationOfAllBatches) {
  const torch::Tensor scores = test::formula_tensor("moments", {11, 4}, -1, 2);
  Moments moments(4);
  for (const torch::Tensor& some : scores.split(3)) moments.add(some);
  EXPECT_EQ(moments.images(), 11);
  const model::LabelStatistics made = moments.finish({"a", "b", "c", "d"}, "ZSL");
  EXPECT_TRUE(torch::allclose(made.mean, scores.mean(0), 1e-6, 1e-6));
  EXPECT_TRUE(torch::allclose(made.deviation, scores.std(0), 1e-6, 1e-6));
}

TEST(Moments, RefuseALabelWhoseScoresAreEqualAndASingleImage) {
  Moments equal(2);
  equal.add(torch::tensor({{0.1F, 0.3F}, {0.2F, 0.3F}, {0.3F, 0.3F}}));
  EXPECT_EQ(test::message_of([&] {
              equal.finish({"cat", "dog"}, "GZSL");
            }),
            "score: expected scores of GZSL that differ between training images for the score standard, got "
            "equal ones for the label 'dog'. Use more training images, or another score.");
  Moments single(2);
  single.add(torch::tensor({{0.1F, 0.3F}}));
  EXPECT_EQ(test::message_of([&] {
              single.finish({"cat", "dog"}, "ZSL");
            }),
            "limit-statistics-images: expected at least 2 training images for the score standard, got 1. Use "
            "more.");
}

TEST(StatisticsFile, GivesEachLabelListItsStatistics) {
  const std::string path = statistics_file();
  const Statistics read = read_statistics(path, standard_scores());
  EXPECT_EQ(read.images, 12);
  EXPECT_TRUE(torch::equal(read.of(kUnseenNames, path).mean, torch::tensor({0.1F, -0.3F})));
  EXPECT_TRUE(torch::equal(read.of(kAllNames, path).deviation, torch::tensor({0.5F, 1.1F, 0.9F})));
}

TEST(StatisticsFile, RefusesOtherLabelsAndScores) {
  const std::string path = statistics_file();
  const Statistics read = read_statistics(path, standard_scores());
  const std::string advice =
      ". Use the labels that the statistics were fitted to, in the same order, or fit other statistics.";
  EXPECT_EQ(test::message_of([&] {
              read.of({"sky", "dog", "cat"}, path);
            }),
            path + ": expected statistics for the labels given, 'dog' as number 2, got 'cat'" + advice);
  const auto message = [&](const std::function<void(artifact::ThresholdScores&)>& change) {
    artifact::ThresholdScores scores = standard_scores();
    change(scores);
    return test::message_of([&] { read_statistics(path, scores); });
  };
  const std::string use = " (for an exported model: in prepare export), or fit other statistics.";
  EXPECT_EQ(message([](auto& scores) { scores.local = 16; }),
            "local: expected softmax, which the statistics of " + path +
                " were fitted to, got topk. Use softmax" + use);
  EXPECT_EQ(
      message([](auto& scores) { scores.local.scale = 10; }),
      "local-scale: expected 20, which the statistics of " + path + " were fitted to, got 10. Use 20" + use);
  EXPECT_NE(message([](auto& scores) { scores.prompt_template = "{}"; }).find("template: expected"),
            std::string::npos);
  EXPECT_EQ(message([](auto& scores) { scores.image_sha256 = "others"; }),
            path +
                ": expected statistics fitted with this image encoder, got ones fitted with another. Use the "
                "weights and checkpoints that they were fitted with, or fit others.");
}

TEST(StatisticsFile, RefusesFilesOfOtherContent) {
  const std::string path = statistics_file();
  const std::string right = test::file_text(path);
  const auto message = [&](const std::function<void(nlohmann::json&)>& change) {
    auto json = nlohmann::json::parse(right);
    change(json);
    std::ofstream(path) << json;
    return test::message_of([&] { read_statistics(path, standard_scores()); });
  };
  const std::string other =
      path +
      ": expected statistics of scores written by eval, got another file. Write some with "
      "eval, or name another.";
  EXPECT_EQ(message([](auto& json) { json = nlohmann::json::array(); }), other);
  EXPECT_EQ(message([](auto& json) { json.erase("settings"); }), other);
  EXPECT_EQ(message([](auto& json) { json["settings"][1]["mean"].erase(0); }), other);
  EXPECT_EQ(message([](auto& json) { json["settings"][0]["deviation"][1] = 0; }), other);
  EXPECT_EQ(message([](auto& json) { json["settings"][0]["labels"][0] = 5; }), other);
}

TEST(StatisticsFile, ListsTheLabelsThatAreScoredOnTheirOwn) {
  data::Dataset dataset = example_dataset();
  dataset.sets = {{"pair", {2, 0}}};
  EXPECT_EQ(label_lists(dataset),
            (std::vector<std::vector<std::string>>{kUnseenNames, kAllNames, {"dog", "sky"}}));
}

}  // namespace
}  // namespace mkt::scoring
