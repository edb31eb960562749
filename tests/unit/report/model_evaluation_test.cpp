#include "report/model_evaluation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "mkt/data/dataset.h"
#include "mkt/weights/checkpoint.h"
#include "support/files.h"
#include "support/formula.h"
#include "support/message.h"
#include "weights/safetensors.h"

namespace mkt::report {
namespace {

/// Options that evaluate the tiny CLIP on the six test images of the golden data set.
struct ModelEvaluation : testing::Test {
  std::string folder = test::scratch_folder("evaluation");
  session::Session session{distributed::Communicator(), session::Runtime()};
  EvaluationOptions options{};

  ModelEvaluation() {
    options.data_path = test::golden("nus-mini/NUS-WIDE");
    options.text.clip_path = test::tiny_clip_file();
    options.text.merges = MKT_MERGES_PATH;
    options.text.prompt_template = "There is a {} in the scene";
    options.local = 5;
    options.batch_size = 4;
    options.decoding = {0, data::OnBadImage::kError, /*fast=*/false};
  }

  std::string evaluate() { return evaluate_model(options, session); }

  nlohmann::json json() const { return nlohmann::json::parse(test::file_text(options.results.json)); }
};

TEST_F(ModelEvaluation, ReturnsATableAndWritesOnlyTheFilesAskedFor) {
  const std::string table = evaluate();
  EXPECT_NE(table.find("\nZSL "), std::string::npos) << table;
  EXPECT_NE(table.find("\n6 images\n"), std::string::npos) << table;
  EXPECT_EQ(table.find("threshold"), std::string::npos) << table;
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(ModelEvaluation, WritesMetricsScoresAndThresholds) {
  options.results = {folder + "/metrics.json", folder + "/scores.safetensors", folder + "/thresholds.json",
                     ""};
  const std::string table = evaluate();
  EXPECT_NE(table.find("one threshold per label: F1 "), std::string::npos) << table;
  EXPECT_EQ(json()["images"], 6);
  EXPECT_EQ(json()["gzsl"]["classes"].size(), 32U);
  const auto scores = weights::load_safetensors(options.results.scores).tensors;
  EXPECT_EQ(scores.at("zsl").sizes(), (std::vector<std::int64_t>{6, 8}));
  EXPECT_EQ(scores.at("gzsl").sizes(), (std::vector<std::int64_t>{6, 32}));
  const auto thresholds = nlohmann::json::parse(test::file_text(options.results.thresholds));
  EXPECT_EQ(thresholds["score"], "cosine");  // plain CLIP's own score
  EXPECT_EQ(thresholds["preprocessing"]["crop_share"], 1);
  EXPECT_EQ(thresholds["image_size"], 64);
  EXPECT_EQ(thresholds["image_sha256"].get<std::string>().size(), 64U);
  EXPECT_TRUE(thresholds["calibration"]["slope"].is_number());
  EXPECT_NE(table.find("probabilities: expected calibration error "), std::string::npos) << table;
  EXPECT_EQ(thresholds["topk"], 5);
  EXPECT_EQ(thresholds["template"], options.text.prompt_template);
}

TEST_F(ModelEvaluation, ScoresTheFirstImagesUpToTheLimit) {
  options.limit = 3;
  EXPECT_NE(evaluate().find("\n3 images\n"), std::string::npos);
}

TEST_F(ModelEvaluation, WritesAReportWithPlainClipBesideTheModel) {
  options.score = model::ScoreKind::kLocal;
  options.results.report = folder + "/new";
  evaluate();
  const std::string page = test::file_text(folder + "/new/index.html");
  for (const char* model : {"CLIP, local score", "CLIP, cosine score", "CLIP, probability score",
                            "CLIP, global score", "CLIP, MKT score"}) {
    EXPECT_NE(page.find(model), std::string::npos) << model;
  }
}

TEST_F(ModelEvaluation, IndependentScoresOfUnseenLabelsAreASlice) {
  options.results.scores = folder + "/scores.safetensors";
  evaluate();  // the cosine
  const auto cosines = weights::load_safetensors(options.results.scores).tensors;
  EXPECT_TRUE(torch::equal(cosines.at("zsl"), cosines.at("gzsl").slice(1, 24)));
  options.score = model::ScoreKind::kProbability;
  evaluate();
  const auto probabilities = weights::load_safetensors(options.results.scores).tensors;
  EXPECT_TRUE(torch::allclose(probabilities.at("zsl").sum(1), torch::ones({6})));
  EXPECT_TRUE(torch::allclose(probabilities.at("gzsl").sum(1), torch::ones({6})));
}

TEST_F(ModelEvaluation, ComputesLabelStatisticsOnceAndReadsThemAgain) {
  options.score = model::ScoreKind::kStandard;
  options.statistics.save = folder + "/statistics.json";
  options.results.scores = folder + "/scores.safetensors";
  options.results.thresholds = folder + "/thresholds.json";
  const std::string table = evaluate();
  const auto first = weights::load_safetensors(options.results.scores).tensors;
  const auto file = nlohmann::json::parse(test::file_text(options.statistics.save));
  EXPECT_EQ(file["score"], "standard");
  EXPECT_EQ(file["settings"][0]["labels"].size(), 8U);
  EXPECT_EQ(file["settings"][1]["labels"].size(), 32U);
  const auto thresholds = nlohmann::json::parse(test::file_text(options.results.thresholds));
  EXPECT_EQ(thresholds["statistics_sha256"].get<std::string>().size(), 64U);
  options.statistics = {options.statistics.save, "", 0};
  EXPECT_EQ(evaluate(), table);
  const auto again = weights::load_safetensors(options.results.scores).tensors;
  EXPECT_TRUE(torch::equal(again.at("zsl"), first.at("zsl")));
  EXPECT_TRUE(torch::equal(again.at("gzsl"), first.at("gzsl")));
}

TEST_F(ModelEvaluation, StandardScoresFollowTheStatisticsFile) {
  options.score = model::ScoreKind::kMkt;
  options.results.scores = folder + "/scores.safetensors";
  evaluate();
  const torch::Tensor mkt = weights::load_safetensors(options.results.scores).tensors.at("gzsl");
  options.score = model::ScoreKind::kStandard;
  options.statistics = {"", folder + "/statistics.json", 4};
  evaluate();
  const torch::Tensor made = weights::load_safetensors(options.results.scores).tensors.at("gzsl");
  const auto file = nlohmann::json::parse(test::file_text(options.statistics.save));
  EXPECT_EQ(file["images"], 4);
  const auto column = [&](const char* name) {
    return torch::tensor(file["settings"][1][name].get<std::vector<double>>());
  };
  const torch::Tensor z = (mkt - mkt.mean({1}, true)) / mkt.std({1}, true, true);
  EXPECT_TRUE(torch::allclose(made, (z - column("mean")) / column("deviation"), 1e-4, 1e-4));
}

TEST_F(ModelEvaluation, RefusesStatisticsOptionsWithoutEffect) {
  options.statistics.limit = 5;
  EXPECT_EQ(
      test::message_of([&] { evaluate(); }),
      "limit-statistics-images: expected the score standard, got cosine, which needs no statistics. Drop "
      "one.");
  options.score = model::ScoreKind::kStandard;
  options.statistics.file = test::write_file(folder + "/statistics.json", "{}");
  EXPECT_EQ(test::message_of([&] { evaluate(); }),
            "limit-statistics-images: cannot be combined with statistics " + options.statistics.file +
                ", which are not computed again. Drop one.");
}

TEST_F(ModelEvaluation, FitsThePenaltyOnSeenLabelsAndAppliesIt) {
  options.results = {folder + "/metrics.json", "", folder + "/thresholds.json", folder + "/report"};
  evaluate();
  const auto plain = json();
  EXPECT_FALSE(plain.contains("seen_penalty"));
  options.fit_seen_penalty = true;
  const std::string table = evaluate();
  EXPECT_NE(table.find("\nseen penalty "), std::string::npos) << table;
  const auto fitted = json();
  EXPECT_GE(fitted["gzsl"]["f1_3"].get<double>(), plain["gzsl"]["f1_3"].get<double>());
  EXPECT_EQ(fitted["gzsl"]["map"], plain["gzsl"]["map"]);
  EXPECT_EQ(fitted["zsl"], plain["zsl"]);
  EXPECT_EQ(fitted["seen_penalty"]["fitted"], true);
  options.fit_seen_penalty = false;
  options.metrics.seen_penalty = fitted["seen_penalty"]["value"];
  evaluate();
  EXPECT_EQ(json()["gzsl"], fitted["gzsl"]);
  const auto thresholds = nlohmann::json::parse(test::file_text(options.results.thresholds));
  EXPECT_EQ(thresholds.value("seen_penalty", 0.0), options.metrics.seen_penalty);
}

TEST_F(ModelEvaluation, PatchesThatAttendToThemselvesMoveLocalScoresOnly) {
  options.results.scores = folder + "/scores.safetensors";
  const auto scores = [&](model::ScoreKind kind, clip::Patches patches) {
    options.score = kind;
    options.patches = patches;
    evaluate();
    return weights::load_safetensors(options.results.scores).tensors.at("gzsl");
  };
  EXPECT_TRUE(torch::equal(scores(model::ScoreKind::kGlobal, clip::Patches::kSelf),
                           scores(model::ScoreKind::kGlobal, clip::Patches::kLast)));
  EXPECT_FALSE(torch::allclose(scores(model::ScoreKind::kLocal, clip::Patches::kSelf),
                               scores(model::ScoreKind::kLocal, clip::Patches::kLast), 0, 1e-3));
}

TEST_F(ModelEvaluation, ScoresZslByTransportBetweenUnseenLabelsOnly) {
  options.results.scores = folder + "/scores.safetensors";
  options.score = model::ScoreKind::kLocal;
  options.local = {model::Pooling::kTransport, 100};
  evaluate();
  const auto scores = weights::load_safetensors(options.results.scores).tensors;
  const torch::Tensor slice = scores.at("gzsl").slice(1, 24);
  EXPECT_TRUE(torch::allclose(scores.at("zsl").norm(2, {1}), torch::ones({6})));
  EXPECT_FALSE(torch::allclose(scores.at("zsl"), slice / slice.norm(2, {1}, true), 0, 1e-4));
}

TEST_F(ModelEvaluation, ChecksItsFilesBeforeItScores) {
  options.results.json = "/nowhere/metrics.json";
  const std::string unwritable = test::message_of([&] { evaluate(); });
  EXPECT_EQ(unwritable.rfind("json: /nowhere/metrics.json cannot be written: ", 0), 0U) << unwritable;
  options.ckpt_path = options.text.clip_path;
  const std::string other_kind = test::message_of([&] { evaluate(); });
  EXPECT_EQ(other_kind.rfind("ckpt-path: expected a stage-1 checkpoint, got CLIP weights in ", 0), 0U)
      << other_kind;
}

}  // namespace
}  // namespace mkt::report
