// Tests averages of weights through the programs: train_stage1 and train_stage2 with --ema, eval --alpha,
// prepare mix and prepare average.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>

#include "integration/world.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::test {
namespace {

Arguments averaged_run(const std::string& stage, const std::string& output, const Arguments& more = {}) {
  return tiny_run(stage, output,
                  Arguments{"--batch-size", "4", "--warmup-epochs", "0", "--ema", "0.5"} + more);
}

struct Averaging : testing::TestWithParam<std::string> {
  std::string name = GetParam() == "train_stage1" ? "/model_epoch_1" : "/model_1";
};

TEST_P(Averaging, ChangesNothingElseAndHasItsOwnFilesAndRecords) {
  const std::string folder = scratch_folder("ema");
  const auto plain =
      run_command(tiny_run(GetParam(), folder + "/plain", {"--batch-size", "4", "--warmup-epochs", "0"}));
  ASSERT_EQ(plain.exit_code, 0) << plain.error;
  const auto averaged = run_command(averaged_run(GetParam(), folder + "/ema"));
  ASSERT_EQ(averaged.exit_code, 0) << averaged.error;
  EXPECT_TRUE(file_text(folder + "/ema" + name + ".pth") == file_text(folder + "/plain" + name + ".pth"));
  EXPECT_FALSE(file_text(folder + "/ema" + name + ".ema.pth.json").empty());
  EXPECT_FALSE(std::filesystem::exists(folder + "/plain" + name + ".ema.pth"));
  EXPECT_FALSE(file_text(folder + "/ema" + name + ".ema.pth") == file_text(folder + "/ema" + name + ".pth"));
  const auto evaluations = records(folder + "/ema", "eval");
  ASSERT_EQ(evaluations.size(), 4U);
  EXPECT_EQ(evaluations[1]["weights"], "ema");
  EXPECT_EQ(evaluations[1]["epoch"], 0);
  EXPECT_FALSE(evaluations[2].contains("weights"));
}

TEST_P(Averaging, ResumesInTheSameBytesAfterAKill) {
  const std::string folder = scratch_folder("ema");
  const Arguments more = {"--epochs",     "2", "--checkpoint-every", "1",
                          "--batch-size", "2", "--eval-every",       "0"};
  const auto whole = run_command(averaged_run(GetParam(), folder + "/whole", more));
  ASSERT_EQ(whole.exit_code, 0) << whole.error;
  const Arguments command = averaged_run(GetParam(), folder + "/killed", more);
  const pid_t child = start_command(command, folder);
  EXPECT_TRUE(
      wait_for_text(folder + "/killed/metrics.jsonl", "\"epoch\":0,\"step\":1,", std::chrono::seconds(300)));
  kill(child, SIGKILL);
  wait_for_end(child);
  const auto resumed = run_command(command + Arguments{"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  for (const std::string& file : {name + ".pth", name + ".ema.pth"}) {
    EXPECT_FALSE(file_text(folder + "/whole" + file).empty()) << file;
    EXPECT_TRUE(file_text(folder + "/killed" + file) == file_text(folder + "/whole" + file)) << file;
  }
  const auto other =
      run_command(averaged_run(GetParam(), folder + "/killed", more + Arguments{"--ema", "0", "--resume"}));
  expect_failure(other, 2, "was saved with ema = 0.5, this run has nothing. Use the same value");
}

INSTANTIATE_TEST_SUITE_P(BothStages, Averaging, testing::Values("train_stage1", "train_stage2"),
                         [](const auto& stage) { return stage.param; });

TEST(AveragingRanks, TwoHaveTheAverageOfOne) {
  const std::string folder = scratch_folder("ema");
  const Arguments more = {"--train-transform", "eval", "--eval-every", "0"};
  const auto one = run_command(averaged_run("train_stage2", folder + "/one", more));
  ASSERT_EQ(one.exit_code, 0) << one.error;
  const auto two = run_command(averaged_run("train_stage2", folder + "/two",
                                            more + Arguments{"--batch-size", "2", "--nproc-per-node", "2"}));
  ASSERT_EQ(two.exit_code, 0) << two.error;
  const auto table = [&](const std::string& run) {
    return weights::load_tensors(folder + run + "/model_1.ema.pth").at("token_embedding.weight");
  };
  const torch::Tensor start =
      weights::load_tensors(clip_file("tiny")).at("token_embedding.weight").to(torch::kFloat32);
  const torch::Tensor change = table("/one") - start;
  EXPECT_GT(change.norm().item<double>(), 0);
  EXPECT_LT((table("/two") - table("/one")).norm().item<double>(), 5e-3 * change.norm().item<double>());
}

TEST(Sweep, PrintsATablePerMixtureAndWritesAllToJson) {
  const std::string json = scratch_folder("sweep") + "/sweep.json";
  const auto result = run_command(
      tiny("eval") + Arguments{"--ckpt-path", tiny_checkpoint(), "--alpha", "0", "0.5", "1", "--json", json});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto sweep = nlohmann::json::parse(file_text(json))["sweep"];
  ASSERT_EQ(sweep.size(), 3U);
  EXPECT_EQ(sweep[1]["alpha"], 0.5);
  EXPECT_NE(result.output.find("\nalpha 0.5\n"), std::string::npos) << result.output;

  const std::string mixed = scratch_folder("mix") + "/mixed.pth";
  const auto mix = run_command({program("prepare"), "mix", "--clip-path", clip_file("tiny"), "--ckpt-path",
                                tiny_checkpoint(), "--alpha", "0.5", "--output", mixed});
  ASSERT_EQ(mix.exit_code, 0) << mix.error;
  const auto alone = run_command(tiny("eval") + Arguments{"--ckpt-path", mixed, "--json", json});
  ASSERT_EQ(alone.exit_code, 0) << alone.error;
  const auto metrics = nlohmann::json::parse(file_text(json));
  EXPECT_EQ(metrics["gzsl"]["map"], sweep[1]["gzsl"]["map"]);
  EXPECT_EQ(metrics["zsl"]["f1_3"], sweep[1]["zsl"]["f1_3"]);
}

TEST(Sweep, RefusesWhatItDoesNotDoInOneLine) {
  const auto refused = [](const Arguments& more, const std::string& text) {
    expect_failure(run_command(tiny("eval") + Arguments{"--ckpt-path", tiny_checkpoint()} + more), 2, text);
  };
  for (const std::string flag : {"--save-scores", "--fit-thresholds", "--report"}) {
    refused({"--alpha", "0", "1", flag, scratch_folder("sweep") + "/x"},
            "eval: --alpha cannot be combined with " + flag + ". Drop one.\n");
  }
  refused({"--alpha", "0", "half"}, "eval: --alpha: expected a number in [0, 1], got 'half'.");
  refused({"--alpha", "2"},
          "eval: --alpha: expected a number in [0, 1], got 2. 0 is CLIP, 1 the checkpoint.");
  expect_failure(run_command(tiny("eval") + Arguments{"--zero-shot", "--alpha", "1"}), 2,
                 "eval: --alpha cannot be combined with --zero-shot. Drop one.");
}

TEST(Average, WritesACheckpointThatEvalTakes) {
  const std::string output = scratch_folder("average") + "/average.pth";
  const auto average = run_command({program("prepare"), "average", trained_folder() + "/model_epoch_0.pth",
                                    trained_folder() + "/model_epoch_1.pth", "--output", output});
  ASSERT_EQ(average.exit_code, 0) << average.error;
  EXPECT_EQ(average.output, "wrote " + output + ": a stage-1 checkpoint, the mean of 2\n");
  const auto result = run_command(tiny("eval") + Arguments{"--ckpt-path", output});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.error.find("is absent"), std::string::npos) << result.error;
  expect_failure(
      run_command({program("prepare"), "average", clip_file("tiny"), output, "--output", output + "2.pth"}),
      1, "--checkpoints: expected a stage-1 or stage-2 checkpoint, got CLIP weights in ");
}

TEST(Ema, RefusesADecayOfOne) {
  const auto result =
      run_command(averaged_run("train_stage1", scratch_folder("ema") + "/run", {"--ema", "1"}));
  expect_failure(result, 2,
                 "train_stage1: --ema: expected a decay of at least 0 and below 1, got 1. Use for example "
                 "0.999, or 0 for no average.");
}

}  // namespace
}  // namespace mkt::test
