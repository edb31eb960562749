// Tests train_stage1, eval and prepare with the tiny CLIP and the miniature NUS-WIDE.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "core/text.h"
#include "integration/world.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Returns the result of `eval --json`.
json evaluation(const Arguments& more) {
  const std::string file = scratch_folder("eval") + "/result.json";
  const auto result = run_command(tiny("eval") + Arguments{"--json", file} + more);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return json::parse(file_text(file));
}

TEST(TrainStage1, WritesCheckpointsMetricsOptionsAndLog) {
  std::map<std::string, int> kinds;
  for (const auto& line : json_lines(file_text(trained_folder() + "/metrics.jsonl"))) ++kinds[line["kind"]];
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"step", 4}, {"epoch", 2}, {"eval", 2}}));
  for (const char* name : {"model_epoch_0.pth", "model_epoch_1.pth", "resolved.toml", "run.log"}) {
    EXPECT_TRUE(fs::exists(trained_folder() + "/" + name)) << name;
  }
}

TEST(TrainStage1, ResolvedOptionsReproduceTheCheckpointByteForByte) {
  const std::string again = scratch_folder("stage1") + "/again";
  const auto result = run_command(
      {program("train_stage1"), "--config", trained_folder() + "/resolved.toml", "--output", again});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(trim(result.output), again + "/model_epoch_1.pth");
  EXPECT_TRUE(file_text(again + "/model_epoch_1.pth") == file_text(tiny_checkpoint()));
}

TEST(TrainStage1, CheckpointHasExactlyTheParametersOfTheOriginal) {
  const auto expected = formula_student_state(tiny_clip_shape());
  const auto written = weights::load_tensors(tiny_checkpoint());
  ASSERT_EQ(written.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_TRUE(written.count(name)) << name;
    EXPECT_EQ(written.at(name).sizes(), tensor.sizes()) << name;
    EXPECT_EQ(written.at(name).dtype(), torch::kFloat32) << name;
  }
}

TEST(TrainStage1, CheckpointLoadsInPythonWithTheSameParameters) {
  if (run_command({MKT_TEST_PYTHON, "-c", "import torch"}).exit_code != 0) {
    GTEST_SKIP() << "no torch in Python '" << MKT_TEST_PYTHON << "' (CMake's MKT_TEST_PYTHON)";
  }
  std::string expected;
  for (const auto& [name, tensor] : formula_student_state(tiny_clip_shape())) {
    expected += name + " torch.float32";
    for (const std::int64_t size : tensor.sizes()) expected += fmt::format(" {}", size);
    expected += "\n";
  }
  const auto listed = run_command({MKT_TEST_PYTHON, MKT_TEST_LIST_CHECKPOINT, tiny_checkpoint()});
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  EXPECT_EQ(listed.output, expected);
}

TEST(TrainStage1, TrainsTheLastBlocksAndKeepsTheRestOfClip) {
  const auto clip = weights::load_tensors(clip_file("tiny"));
  const auto trained = weights::load_tensors(tiny_checkpoint());
  const auto moved = [&](const std::string& name) {
    return !trained.at(name).equal(clip.at("visual." + name).to(torch::kFloat32));
  };
  EXPECT_TRUE(moved("transformer.resblocks.2.mlp.c_fc.weight"));
  EXPECT_TRUE(moved("transformer.resblocks.3.attn.in_proj_weight"));
  EXPECT_TRUE(moved("ln_post.weight"));
  EXPECT_FALSE(moved("transformer.resblocks.1.mlp.c_fc.weight"));
  EXPECT_FALSE(moved("conv1.weight"));
}

TEST(TrainStage1, RefusesTheFolderOfAnEarlierRun) {
  const auto result = run_command(tiny_stage1(trained_folder()));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.error.find("holds an earlier run. Resume it"), std::string::npos) << result.error;
}

TEST(TrainStage1, RefusesToResumeWithOtherOptions) {
  const auto result = run_command(tiny_stage1(trained_folder()) + Arguments{"--resume", "--lr", "0.5"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("was saved with lr = 0.001, this run has 0.5"), std::string::npos)
      << result.error;
}

TEST(Eval, ResultsDoNotDependOnBatchSizeOrWorkers) {
  const json one = evaluation({"--ckpt-path", tiny_checkpoint(), "--workers", "1", "--test-batch-size", "1"});
  const json many =
      evaluation({"--ckpt-path", tiny_checkpoint(), "--workers", "4", "--test-batch-size", "6"});
  EXPECT_EQ(one, many);
  EXPECT_EQ(one["images"], 6);
  EXPECT_EQ(one["zsl"]["classes"].size(), 8U);
  EXPECT_EQ(one["gzsl"]["classes"].size(), 32U);
}

TEST(Eval, PrintsATableForPlainClip) {
  const auto result = run_command(tiny("eval") + Arguments{"--zero-shot"});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.output.find("ZSL"), std::string::npos);
  EXPECT_NE(result.output.find("GZSL"), std::string::npos);
  EXPECT_NE(result.output.find("6 images"), std::string::npos);
}

TEST(Prepare, LabelEmbWritesTheFeaturesThatEvalWouldCompute) {
  const std::string data = copied_nus_wide();
  fs::remove(data + "/label_emb.pt");
  const Arguments eval = {program("eval"),   "--data-path", data, "--clip-path",
                          clip_file("tiny"), "--topk",      "5",  "--zero-shot"};
  const auto made = run_command(eval);
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_NE(made.error.find("label_emb.pt is absent"), std::string::npos) << made.error;
  const auto prepared =
      run_command({program("prepare"), "label-emb", "--data-path", data, "--clip-path", clip_file("tiny")});
  ASSERT_EQ(prepared.exit_code, 0) << prepared.error;
  const auto loaded = run_command(eval);
  EXPECT_EQ(loaded.error.find("label_emb.pt is absent"), std::string::npos) << loaded.error;
  EXPECT_EQ(loaded.output, made.output);
}

}  // namespace
}  // namespace mkt::test
