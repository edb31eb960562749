#include "report/alpha_sweep.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "artifact/checkpoint_facts.h"
#include "artifact/encoders.h"
#include "mkt/model/student.h"
#include "mkt/weights/checkpoint.h"
#include "model/weight_mean.h"
#include "report/model_evaluation.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::report {
namespace {

/// Options that evaluate a checkpoint of the tiny CLIP on the six test images of the golden data set.
struct Sweep : testing::Test {
  std::string folder = test::scratch_folder("sweep");
  session::Session session{distributed::Communicator(), session::Runtime()};
  EvaluationOptions options{};

  Sweep() {
    options.data_path = test::golden("nus-mini/NUS-WIDE");
    options.text.clip_path = test::tiny_clip_file();
    options.text.merges = MKT_MERGES_PATH;
    options.text.prompt_template = "There is a {} in the scene";
    options.local = 5;
    options.batch_size = 4;
    options.decoding = {0, data::OnBadImage::kError, /*fast=*/false};
    options.results.json = folder + "/metrics.json";
    weights::TensorMap tensors = model::state_dict(*model::make_student(clip(), 42));
    torch::Tensor& projection = tensors.at("projection_dist");
    projection = projection + test::formula_tensor("tuned", projection.sizes().vec(), -0.3, 0.3);
    options.ckpt_path = save("tuned", tensors);
  }

  static clip::Weights clip() { return artifact::open_clip(test::tiny_clip_file(), {}); }

  std::string save(const std::string& name, const weights::TensorMap& tensors) const {
    std::string path = folder + "/" + name + ".pth";
    weights::save_pth(path, tensors);
    artifact::write_checkpoint_facts(path, clip(), image::mkt_preprocessing(64), 16);
    return path;
  }

  nlohmann::json evaluate() {
    table = evaluate_model(options, session);
    return nlohmann::json::parse(test::file_text(options.results.json));
  }

  /// Metrics of one checkpoint without those per class.
  nlohmann::json evaluate_alone(const std::string& checkpoint) {
    options.alphas = {};
    options.ckpt_path = checkpoint;
    nlohmann::json metrics = evaluate();
    metrics["zsl"].erase("classes");
    metrics["gzsl"].erase("classes");
    return metrics;
  }

  std::string table;
};

TEST_F(Sweep, EqualsEvaluationsOfTheMixedCheckpoints) {
  options.alphas = {0, 0.5, 1};
  const nlohmann::json sweep = evaluate()["sweep"];
  EXPECT_EQ(table.rfind("alpha 0\n", 0), 0U) << table;
  EXPECT_NE(table.find("\nalpha 0.5\n"), std::string::npos) << table;
  EXPECT_NE(table.find("\nalpha 1\n"), std::string::npos) << table;
  ASSERT_EQ(sweep.size(), 3U);
  const std::string tuned = options.ckpt_path;
  weights::TensorMap mixed = weights::load_tensors(tuned);
  const torch::Tensor base = test::tiny_weights().at("visual.proj").to(torch::kFloat64);
  mixed["projection_dist"] = ((base + mixed["projection_dist"]) / 2).to(torch::kFloat32);
  const std::vector<std::string> checkpoints = {
      save("clip", model::state_dict(*model::make_student(clip(), 42))), save("mixed", mixed), tuned};
  for (std::size_t i = 0; i < 3; ++i) {
    nlohmann::json record = sweep[i];
    EXPECT_EQ(record["alpha"], 0.5 * static_cast<double>(i));
    record.erase("alpha");
    EXPECT_EQ(record, evaluate_alone(checkpoints[i])) << i;
  }
  EXPECT_NE(sweep[0]["gzsl"], sweep[2]["gzsl"]) << "the checkpoint makes a difference";
}

TEST_F(Sweep, RefusesSharesOutsideTheRangeAndTwice) {
  const auto message = [&](const std::vector<double>& alphas) {
    options.alphas = alphas;
    return test::message_of([&] { evaluate(); });
  };
  EXPECT_EQ(message({0, 1.5}), "alpha: expected a number in [0, 1], got 1.5. 0 is CLIP, 1 the checkpoint.");
  EXPECT_EQ(message({0.5, 0, 0.5}), "alpha: expected distinct numbers, got 0.5 twice. Name each once.");
  EXPECT_FALSE(std::filesystem::exists(options.results.json));
}

TEST_F(Sweep, RefusesTheScoreWhoseStatisticsBelongToOneModel) {
  options.alphas = {0, 1};
  options.score = model::ScoreKind::kStandard;
  const std::string message = test::message_of([&] { evaluate(); });
  EXPECT_EQ(message.rfind("alpha: expected a score other than standard", 0), 0U) << message;
}

}  // namespace
}  // namespace mkt::report
