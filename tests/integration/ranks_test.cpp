// Several ranks do what one process does.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "core/text.h"
#include "integration/world.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

constexpr double kLossTolerance = 1e-5;        // relative, each step
constexpr double kCheckpointTolerance = 5e-3;  // of the change since the start, norm over norm

/// Three epochs of two steps. Comparisons begin behind the first epoch, from one state: stage 1's
/// distillation gradient is the sign of a difference that is zero, or rounding, as long as the student is
/// CLIP itself.
const Arguments kThreeEpochs = {"--train-transform", "eval", "--eval-every",    "0",
                                "--epochs",          "3",    "--warmup-epochs", "0"};

/// The rows that stage 2 trains: start, end and the words of "There is a {} in the scene".
torch::Tensor template_rows(const weights::TensorMap& text_encoder) {
  const torch::Tensor ids = torch::tensor({49406, 49407, 997, 533, 320, 530, 518, 3562}, torch::kInt64);
  return text_encoder.at("token_embedding.weight").to(torch::kFloat32).index_select(0, ids);
}

class Ranks : public testing::TestWithParam<std::string> {
 protected:
  /// The rest of one process's run from its second epoch on, done `how`.
  std::string run(const Arguments& how, const Arguments& prefix = {}) {
    const std::string output = scratch_folder("ranks") + "/run";
    const auto result = run_command(prefix + tiny_run(GetParam(), output, kThreeEpochs + how) +
                                    Arguments{"--resume", state_behind_first_epoch()});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_NE(result.error.find("epoch 1, step 0"), std::string::npos) << result.error;
    return output;
  }

  const std::string& state_behind_first_epoch() const {
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

  /// Parameters that training moves, one after another.
  torch::Tensor trained(const std::string& output) const {
    const bool first = GetParam() == "train_stage1";
    const auto tensors = weights::load_tensors(output + (first ? "/model_epoch_2.pth" : "/model_2.pth"));
    if (!first) return template_rows(tensors);
    std::vector<torch::Tensor> parts;
    for (const auto& [name, tensor] : tensors) {
      const bool moves = name.find("resblocks.2") != std::string::npos ||
                         name.find("resblocks.3") != std::string::npos || name == "projection_dist";
      // The key third of in_proj_bias has no gradient but rounding, which AdamW blows up.
      if (moves && name.find("in_proj_bias") == std::string::npos) parts.push_back(tensor.flatten());
    }
    return torch::cat(parts);
  }

  torch::Tensor start() const {
    const auto clip = weights::load_tensors(clip_file("tiny"));
    if (GetParam() == "train_stage2") return template_rows(clip);
    std::vector<torch::Tensor> parts;
    for (const auto& [name, tensor] : formula_student_state(tiny_clip_shape())) {
      const bool moves = name.find("resblocks.2") != std::string::npos ||
                         name.find("resblocks.3") != std::string::npos || name == "projection_dist";
      if (moves && name.find("in_proj_bias") == std::string::npos)
        parts.push_back(tensor.to(torch::kHalf).to(torch::kFloat32).flatten());
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

TEST_P(Ranks, TwoEqualOneProcessWithTheDoubledBatch) {
  const std::string one = run({"--batch-size", "4"});
  expect_same(run({"--batch-size", "2", "--nproc-per-node", "2"}), one);
}

TEST_P(Ranks, AccumulatedBatchesEqualOne) {
  expect_same(run({"--batch-size", "2", "--accumulate", "2"}), run({"--batch-size", "4"}));
}

TEST_P(Ranks, AGlobalBatchSizeIsSharedOut) {
  expect_same(run({"--global-batch-size", "4", "--nproc-per-node", "2"}), run({"--batch-size", "4"}));
}

TEST_P(Ranks, TorchrunsRanksEqualOneProcess) {
  const std::string torchrun = fs::path(MKT_TEST_PYTHON).replace_filename("torchrun");
  if (run_command({torchrun, "--help"}).exit_code != 0) GTEST_SKIP() << "no torchrun beside MKT_TEST_PYTHON";
  const std::string one = run({"--batch-size", "4"});
  expect_same(run({"--batch-size", "2"}, {torchrun, "--no-python", "--standalone", "--nproc-per-node", "2"}),
              one);
}

INSTANTIATE_TEST_SUITE_P(BothStages, Ranks, testing::Values("train_stage1", "train_stage2"),
                         [](const auto& stage) { return stage.param; });

TEST(RankedEval, GivesTheSameJsonOnAnyNumberOfRanks) {
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

TEST(RankedTraining, RefusesRanksThatDiffer) {
  // Each rank draws its own learning rate.
  const Arguments command = tiny_run("train_stage1", scratch_folder("ranks") + "/run", {"--batch-size", "2"});
  const std::string torchrun = fs::path(MKT_TEST_PYTHON).replace_filename("torchrun");
  if (run_command({torchrun, "--help"}).exit_code != 0) GTEST_SKIP() << "no torchrun beside MKT_TEST_PYTHON";
  const auto result = run_command(Arguments{torchrun, "--no-python", "--standalone", "--nproc-per-node", "2",
                                            "/bin/bash", "-c", "exec \"$@\" --lr 0.00$((RANK + 1))", "bash"} +
                                  command);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.error.find("ranks: rank 0 runs with lr = 0.001, rank 1 with 0.002"), std::string::npos)
      << result.error;
}

TEST(RankedTraining, RefusesAGlobalBatchThatCannotBeShared) {
  const auto result = run_command(tiny_run("train_stage1", scratch_folder("ranks") + "/run",
                                           {"--global-batch-size", "3", "--accumulate", "2"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("--global-batch-size: expected a multiple of 2"), std::string::npos)
      << result.error;
}

}  // namespace
}  // namespace mkt::test
