// Tests training with each label loss: on several ranks, resumed, and with options that do not fit.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "integration/world.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

/// Writes a manifest whose every second training image has no present label: with batches of one image, rank
/// 1 of 2 never has one. Returns its path.
std::string half_without_labels() {
  const std::string folder = scratch_folder("half");
  const std::string pictures = fs::absolute(mini_nus_wide() + "/Flickr").string();
  std::vector<std::string> images;
  for (const auto& entry : fs::recursive_directory_iterator(pictures))
    if (entry.is_regular_file()) images.push_back(fs::relative(entry.path(), pictures).string());
  std::sort(images.begin(), images.end());
  std::ofstream(folder + "/half.toml")
      << "train = \"train.jsonl\"\ntest = \"test.jsonl\"\n"
      << "images = \"" << pictures << "\"\nseen = [\"sea\", \"cat\", \"dog\"]\n"
      << "unseen = [\"sky\"]\nunlisted = \"absent\"\n";
  std::ofstream train(folder + "/train.jsonl");
  for (std::size_t i = 0; i < 8; ++i) {
    const std::string present = i % 2 == 1 ? "" : i % 4 == 0 ? "\"sea\"" : "\"cat\", \"dog\"";
    train << fmt::format("{{\"image\": \"{}\", \"present\": [{}]}}\n", images.at(i), present);
  }
  std::ofstream(folder + "/test.jsonl")
      << fmt::format("{{\"image\": \"{}\", \"present\": [\"sky\"]}}\n", images.at(0));
  return folder + "/half.toml";
}

Arguments run_of(const std::string& stage, const std::string& output, const std::string& loss,
                 const Arguments& more) {
  return tiny_run(stage, output,
                  Arguments{"--loss", loss, "--train-transform", "eval", "--eval-every", "0",
                            "--warmup-epochs", "0", "--no-shuffle"} +
                      more);
}

std::string trained(const Arguments& command, const std::string& output) {
  const auto result = run_command(command);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return output;
}

void expect_same_losses(const std::string& output, const std::string& reference) {
  const auto losses = records(output, "step");
  const auto expected = records(reference, "step");
  ASSERT_EQ(losses.size(), expected.size());
  ASSERT_GE(losses.size(), 4U);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_NEAR(losses[i]["rank_loss"].get<double>() / expected[i]["rank_loss"].get<double>(), 1, 1e-5) << i;
    EXPECT_NEAR(losses[i]["gradient_norm"].get<double>() / expected[i]["gradient_norm"].get<double>(), 1,
                1e-3)
        << i;
    EXPECT_EQ(losses[i]["images"], expected[i]["images"]) << i;
  }
  EXPECT_NE(expected.front()["rank_loss"], expected.back()["rank_loss"]);
}

class LossesOnRanks : public testing::TestWithParam<std::string> {};

TEST_P(LossesOnRanks, TwoEqualOneProcessWithTwiceTheBatch) {
  const std::string folder = scratch_folder("losses");
  const auto run = [&](const std::string& name, const Arguments& how) {
    return trained(run_of("train_stage2", folder + name, GetParam(), how), folder + name);
  };
  expect_same_losses(run("/two", {"--batch-size", "2", "--nproc-per-node", "2"}),
                     run("/one", {"--batch-size", "4"}));
}

TEST_P(LossesOnRanks, ARankWithoutAPresentLabelTakesPart) {
  const std::string folder = scratch_folder("losses");
  const std::string data = half_without_labels();
  const auto run = [&](const std::string& name, const Arguments& how) {
    return trained(run_of("train_stage2", folder + name, GetParam(), Arguments{"--data-path", data} + how),
                   folder + name);
  };
  const std::string two =
      run("/two", {"--batch-size", "1", "--nproc-per-node", "2", "--timeout-seconds", "60"});
  expect_same_losses(two, run("/one", {"--batch-size", "2"}));
  EXPECT_EQ(records(two, "step")[0]["images"], 1);
}

INSTANTIATE_TEST_SUITE_P(All, LossesOnRanks, testing::Values("smooth-rank", "asymmetric", "multi-match"),
                         [](const auto& loss) { return loss.param.substr(0, loss.param.find('-')); });

class LossesOfStages : public testing::TestWithParam<std::string> {
 protected:
  std::string checkpoint(const std::string& output) const {
    return output + (GetParam() == "train_stage1" ? "/model_epoch_1.pth" : "/model_1.pth");
  }
};

TEST_P(LossesOfStages, AnAsymmetricRunResumesWithTheSameBytes) {
  const std::string folder = scratch_folder("losses");
  const Arguments how = {"--batch-size", "4", "--checkpoint-every", "1", "--keep-states", "9"};
  const auto command = [&](const std::string& name) {
    return run_of(GetParam(), folder + name, "asymmetric", how);
  };
  const std::string whole = trained(command("/whole"), folder + "/whole");
  for (const int step : {1, 3}) {
    const std::string name = fmt::format("/from-{}", step);
    const std::string state = fmt::format("{}/state/step-{:010}.safetensors", whole, step);
    const std::string resumed = trained(command(name) + Arguments{"--resume", state}, folder + name);
    EXPECT_TRUE(file_text(checkpoint(resumed)) == file_text(checkpoint(whole))) << step;
    EXPECT_EQ(file_text(checkpoint(resumed) + ".json"), file_text(checkpoint(whole) + ".json")) << step;
  }
  const auto facts = nlohmann::json::parse(file_text(checkpoint(whole) + ".json"))["loss"];
  EXPECT_EQ(facts["kind"], "asymmetric");
  EXPECT_GT(facts["scale"], 0);
  EXPECT_TRUE(facts["bias"].is_number()) << facts;
}

TEST_P(LossesOfStages, TakeEveryLossAndResumeOnlyWithTheSame) {
  const std::string folder = scratch_folder("losses");
  const Arguments how = {"--batch-size", "4", "--epochs", "1"};
  for (const std::string loss : {"rank", "smooth-rank", "asymmetric", "multi-match"}) {
    const std::string output =
        trained(run_of(GetParam(), folder + "/" + loss, loss, how), folder + "/" + loss);
    EXPECT_NE(file_text(output + "/resolved.toml").find("loss = \"" + loss + "\""), std::string::npos);
    const auto refused = run_command(
        run_of(GetParam(), output, loss == "rank" ? "smooth-rank" : "rank", how + Arguments{"--resume"}));
    expect_failure(refused, 2, "was saved with loss = \"" + loss);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, LossesOfStages, testing::Values("train_stage1", "train_stage2"),
                         [](const auto& stage) { return stage.param; });

TEST(Losses, RefuseOptionsThatTheyDoNotUse) {
  const std::string output = scratch_folder("losses") + "/run";
  const auto refused = [&](const std::string& loss, const Arguments& more) {
    const auto result = run_command(run_of("train_stage1", output, loss, more));
    EXPECT_EQ(result.exit_code, 2) << result.error;
    return result.error;
  };
  const auto expect_line = [](const std::string& error, const std::string& line) {
    EXPECT_NE(error.find(line), std::string::npos) << error;
  };
  for (const std::string loss : {"smooth-rank", "asymmetric", "multi-match"}) {
    expect_line(refused(loss, {"--margin", "0.5"}),
                "--margin cannot be combined with --loss " + loss + ". Drop one.");
  }
  expect_line(refused("rank", {"--loss-scale", "5"}),
              "--loss-scale cannot be combined with --loss rank. Drop one.");
  expect_line(refused("multi-match", {"--accumulate", "2"}),
              "--accumulate cannot be combined with --loss multi-match. Drop one.");
  expect_line(refused("multi-match", {"--loss-average", "rank"}),
              "--loss-average rank cannot be combined with --loss multi-match. Drop one.");
  EXPECT_FALSE(fs::exists(output));
}

}  // namespace
}  // namespace mkt::test
