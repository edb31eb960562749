// Tests that a run on several ranks has the same results as a run in one process.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "integration/world.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

constexpr double kLossTolerance = 1e-5;        // relative, for the loss of each step
constexpr double kCheckpointTolerance = 5e-3;  // norm of the difference / norm of the change by training

/// Options for three epochs with two steps each. The compared runs resume from the same state after the first
/// epoch: while the student equals CLIP, stage 1's distillation gradient is the sign of a difference that is
/// zero or rounding noise.
const Arguments kThreeEpochs = {"--train-transform", "eval", "--eval-every",    "0",
                                "--epochs",          "3",    "--warmup-epochs", "0"};

/// Returns the token embedding rows trained by stage 2: start token, end token and the words of "There is a
/// {} in the scene".
torch::Tensor template_rows(const weights::TensorMap& text_encoder) {
  const torch::Tensor ids = torch::tensor({49406, 49407, 997, 533, 320, 530, 518, 3562}, torch::kInt64);
  return text_encoder.at("token_embedding.weight").to(torch::kFloat32).index_select(0, ids);
}

/// Returns whether stage 1 trains a parameter and its values can be compared. in_proj_bias cannot: the
/// gradient of its key third is rounding noise, which AdamW amplifies.
bool is_compared(const std::string& name) {
  const bool trained = name.find("resblocks.2") != std::string::npos ||
                       name.find("resblocks.3") != std::string::npos || name == "projection_dist";
  return trained && name.find("in_proj_bias") == std::string::npos;
}

/// Returns the path of torchrun beside MKT_TEST_PYTHON; "" if it cannot be run.
std::string torchrun() {
  std::string path = fs::path(MKT_TEST_PYTHON).replace_filename("torchrun");
  return run_command({path, "--help"}).exit_code == 0 ? path : "";
}

/// Command line that starts two ranks on this machine with torchrun.
Arguments two_ranks(const std::string& torchrun_path) {
  return {torchrun_path, "--no-python", "--standalone", "--nproc-per-node", "2"};
}

class Ranks : public testing::TestWithParam<std::string> {
 protected:
  /// Resumes the run after its first epoch with the options `how`; returns the output folder.
  std::string run(const Arguments& how, const Arguments& prefix = {}) {
    std::string output = scratch_folder("ranks") + "/run";
    const auto result = run_command(prefix + tiny_run(GetParam(), output, kThreeEpochs + how) +
                                    Arguments{"--resume", state_after_first_epoch()});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_NE(result.error.find("epoch 1, step 0"), std::string::npos) << result.error;
    return output;
  }

  const std::string& state_after_first_epoch() const {
    static std::map<std::string, std::string> states;
    std::string& state = states[GetParam()];
    if (state.empty()) {
      const std::string output = scratch_folder("ranks") + "/run";
      const auto result = run_command(
          tiny_run(GetParam(), output, kThreeEpochs + Arguments{"--batch-size", "4", "--keep-states", "9"}));
      EXPECT_EQ(result.exit_code, 0) << result.error;
      state = output + "/state/step-0000000002.safetensors";
    }
    return state;
  }

  /// Returns the compared parameters of a run, concatenated.
  torch::Tensor trained(const std::string& output) const {
    const bool first = GetParam() == "train_stage1";
    const auto tensors = weights::load_tensors(output + (first ? "/model_epoch_2.pth" : "/model_2.pth"));
    if (!first) return template_rows(tensors);
    std::vector<torch::Tensor> parts;
    for (const auto& [name, tensor] : tensors) {
      if (is_compared(name)) parts.push_back(tensor.flatten());
    }
    return torch::cat(parts);
  }

  /// Returns the values of these parameters before training.
  torch::Tensor start() const {
    const auto clip = weights::load_tensors(clip_file("tiny"));
    if (GetParam() == "train_stage2") return template_rows(clip);
    std::vector<torch::Tensor> parts;
    for (const auto& [name, tensor] : formula_student_state(tiny_clip_shape())) {
      if (is_compared(name)) parts.push_back(tensor.to(torch::kHalf).to(torch::kFloat32).flatten());
    }
    return torch::cat(parts);
  }

  void expect_same(const std::string& output, const std::string& reference) {
    const auto losses = records(output, "step");
    const auto expected = records(reference, "step");
    ASSERT_EQ(losses.size(), expected.size());
    ASSERT_FALSE(losses.empty());
    for (std::size_t i = 0; i < losses.size(); ++i) {
      EXPECT_NEAR(losses[i]["rank_loss"].get<double>() / expected[i]["rank_loss"].get<double>(), 1,
                  kLossTolerance)
          << i;
      EXPECT_EQ(losses[i]["images"], expected[i]["images"]) << i;
    }
    const torch::Tensor change = trained(reference) - start();
    const double difference = ((trained(output) - trained(reference)).norm() / change.norm()).item<double>();
    EXPECT_GT(change.norm().item<double>(), 0);
    EXPECT_LT(difference, kCheckpointTolerance);
  }
};

TEST_P(Ranks, TwoEqualOneProcessWithTwiceTheBatch) {
  const std::string one = run({"--batch-size", "4"});
  expect_same(run({"--batch-size", "2", "--nproc-per-node", "2"}), one);
}

TEST_P(Ranks, TwoAccumulatedBatchesEqualOneOfTwiceTheSize) {
  expect_same(run({"--batch-size", "2", "--accumulate", "2"}), run({"--batch-size", "4"}));
}

TEST_P(Ranks, AGlobalBatchSizeIsDividedAmongThem) {
  expect_same(run({"--global-batch-size", "4", "--nproc-per-node", "2"}), run({"--batch-size", "4"}));
}

TEST_P(Ranks, StartedByTorchrunEqualOneProcess) {
  const std::string path = torchrun();
  if (path.empty()) GTEST_SKIP() << "no torchrun beside MKT_TEST_PYTHON";
  const std::string one = run({"--batch-size", "4"});
  expect_same(run({"--batch-size", "2"}, two_ranks(path)), one);
}

INSTANTIATE_TEST_SUITE_P(BothStages, Ranks, testing::Values("train_stage1", "train_stage2"),
                         [](const auto& stage) { return stage.param; });

TEST(RankedEval, WritesTheSameJsonOnOneToThreeRanks) {
  std::vector<std::string> results;
  for (const char* ranks : {"1", "2", "3"}) {
    const std::string file = scratch_folder("eval") + "/result.json";
    const auto result = run_command(tiny("eval") + Arguments{"--ckpt-path", tiny_checkpoint(), "--json", file,
                                                             "--nproc-per-node", ranks});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    results.push_back(file_text(file));
    EXPECT_NE(result.output.find("6 images"), std::string::npos) << result.output;
  }
  EXPECT_FALSE(results[0].empty());
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(RankedTraining, ResumesInAFolderWhoseNameIsNotUtf8) {
  const Arguments command = tiny_run("train_stage1", scratch_folder("ranks") + "/caf\xE9",
                                     {"--batch-size", "2", "--epochs", "1", "--nproc-per-node", "2"});
  ASSERT_EQ(run_command(command).exit_code, 0);
  const auto resumed = run_command(command + Arguments{"--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error;
}

TEST(RankedTraining, RefusesRanksWithDifferentOptions) {
  const Arguments command = tiny_run("train_stage1", scratch_folder("ranks") + "/run", {"--batch-size", "2"});
  const std::string path = torchrun();
  if (path.empty()) GTEST_SKIP() << "no torchrun beside MKT_TEST_PYTHON";
  // Each rank gets a different learning rate.
  const Arguments shell = {"/bin/bash", "-c", "exec \"$@\" --lr 0.00$((RANK + 1))", "bash"};
  const auto result = run_command(two_ranks(path) + shell + command);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.error.find("ranks: rank 0 runs with lr = 0.001, rank 1 with 0.002"), std::string::npos)
      << result.error;
}

TEST(RankedTraining, RefusesAGlobalBatchThatCannotBeDivided) {
  const auto result = run_command(tiny_run("train_stage1", scratch_folder("ranks") + "/run",
                                           {"--global-batch-size", "3", "--accumulate", "2"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("--global-batch-size: expected a multiple of 2"), std::string::npos)
      << result.error;
}

}  // namespace
}  // namespace mkt::test
