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
