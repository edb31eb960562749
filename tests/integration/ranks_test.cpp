// Several ranks do what one process does.

#include <gtest/gtest.h>

#include "integration/world.h"
#include "mkt/core/text.h"
#include "mkt/io/checkpoint.h"

namespace mkt::test {
namespace {

constexpr double kLossTolerance = 1e-5;        // relative, each step
constexpr double kCheckpointTolerance = 5e-3;  // of the change since the start, norm over norm

/// Without randomness but the order's, which is the same for any number of ranks.
const Arguments kComparable = {"--train-transform", "eval", "--eval-every", "0"};

class Ranks : public testing::TestWithParam<std::string> {
 protected:
  std::string run(const Arguments& how, const Arguments& prefix = {}) {
    const std::string output = scratch_folder("ranks") + "/run";
    const auto result = run_command(prefix + tiny_run(GetParam(), output, kComparable + how));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return output;
  }

  /// Parameters that training moves, one after another.
  torch::Tensor trained(const std::string& output) const {
    const bool first = GetParam() == "train_stage1";
    const auto tensors = io::load_tensors(output + (first ? "/model_epoch_1.pth" : "/model_1.pth"));
    if (!first) return tensors.at("token_embedding.weight");
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
    const auto clip = io::load_tensors(clip_file("tiny"));
    if (GetParam() == "train_stage2") return clip.at("token_embedding.weight").to(torch::kFloat32);
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
  const std::string torchrun = std::string(MKT_TEST_PYTHON).substr(0, std::string(MKT_TEST_PYTHON).rfind('/')) + "/torchrun";
  if (run_command({torchrun, "--help"}).exit_code != 0) GTEST_SKIP() << "no torchrun beside MKT_TEST_PYTHON";
  const std::string one = run({"--batch-size", "4"});
  expect_same(run({"--batch-size", "2"}, {torchrun, "--no-python", "--standalone", "--nproc-per-node", "2"}), one);
}

TEST_P(Ranks, AnotherNumberOfThemContinuesARun) {
  const std::string whole = run({"--batch-size", "4"});
  const std::string output = scratch_folder("ranks") + "/run";
  const Arguments shared = kComparable + Arguments{"--global-batch-size", "4"};
  const Arguments two = tiny_run(GetParam(), output, shared + Arguments{"--nproc-per-node", "2"});
  // The whole run, stopped after one epoch: all ranks then hold that epoch's state.
  ASSERT_EQ(run_command(two).exit_code, 0);
  const std::string second = scratch_folder("ranks") + "/run";
  std::vector<std::string> states;
  for (const auto& entry : std::filesystem::directory_iterator(output + "/state"))
    states.push_back(entry.path().string());
  ASSERT_FALSE(states.empty());
  const std::string middle = *std::min_element(states.begin(), states.end());
  const auto resumed =
      run_command(tiny_run(GetParam(), second, shared + Arguments{"--resume", middle}));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_NE(resumed.error.find("continuing at"), std::string::npos) << resumed.error;
  const torch::Tensor change = trained(whole) - start();
  EXPECT_LT(((trained(second) - trained(whole)).norm() / change.norm()).item<double>(), kCheckpointTolerance);
}

INSTANTIATE_TEST_SUITE_P(BothStages, Ranks, testing::Values("train_stage1", "train_stage2"),
                         [](const auto& info) { return info.param; });

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

TEST(RankedTraining, RefusesAGlobalBatchThatCannotBeShared) {
  const auto result = run_command(tiny_run("train_stage1", scratch_folder("ranks") + "/run",
                                           {"--global-batch-size", "3", "--accumulate", "2"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("--global-batch-size: expected a multiple of 2"), std::string::npos)
      << result.error;
}

}  // namespace
}  // namespace mkt::test
