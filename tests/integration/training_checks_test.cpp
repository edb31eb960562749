// Tests that training rejects invalid options, states and images, and non-finite losses.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "integration/world.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

TEST(TrainingChecks, ARefusedOptionLeavesTheFolderFree) {
  const std::string output = scratch_folder("checks") + "/run";
  for (const Arguments& wrong : std::vector<Arguments>{{"--topk", "17"},
                                                       {"--batch-size", "9"},
                                                       {"--fix-layer", "5"},
                                                       {"--resume", "/nowhere.safetensors"}}) {
    const auto refused =
        run_command(tiny_run("train_stage1", output, Arguments{"--batch-size", "4"} + wrong));
    EXPECT_NE(refused.exit_code, 0) << wrong[0];
    EXPECT_NE(refused.error.find(wrong[0]), std::string::npos) << refused.error;
  }
  EXPECT_EQ(run_command(tiny_run("train_stage1", output, {"--batch-size", "4"})).exit_code, 0);
}

TEST(TrainingChecks, ARefusedResumeChangesNoFile) {
  const std::string output = scratch_folder("checks") + "/run";
  const Arguments batch = {"--batch-size", "4"};
  ASSERT_EQ(run_command(tiny_run("train_stage1", output, batch)).exit_code, 0);
  const std::string resolved = file_text(output + "/resolved.toml");
  const std::string metrics = file_text(output + "/metrics.jsonl");
  for (const Arguments& other : std::vector<Arguments>{{"--lr", "0.5"}, {"--seed", "7"}}) {
    const auto refused = run_command(tiny_run("train_stage1", output, batch + other + Arguments{"--resume"}));
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.error.find("was saved with"), std::string::npos) << refused.error;
  }
  EXPECT_EQ(file_text(output + "/resolved.toml"), resolved);
  EXPECT_EQ(file_text(output + "/metrics.jsonl"), metrics);
}

TEST(TrainingChecks, AStateWithAMissingTensorIsRefusedAndChangesNoFile) {
  const std::string output = scratch_folder("checks") + "/run";
  const Arguments command =
      tiny_run("train_stage1", output, {"--batch-size", "4", "--checkpoint-every", "1"});
  ASSERT_EQ(run_command(command).exit_code, 0);
  const auto before = files_in(output + "/state");
  const std::string metrics = file_text(output + "/metrics.jsonl");
  auto state = weights::load_safetensors(before.front());
  for (auto& [name, tensor] : state.tensors) tensor = tensor.clone();
  state.tensors.erase("model.ln_post.weight");
  const std::string broken = output + "/state/step-0000000001.safetensors";
  weights::save_safetensors(broken, state.tensors, state.metadata);
  const auto refused = run_command(command + Arguments{"--resume", broken});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.error.find("expected a tensor 'model.ln_post.weight', got none"), std::string::npos)
      << refused.error;
  fs::remove(broken);
  EXPECT_EQ(files_in(output + "/state"), before);
  EXPECT_EQ(file_text(output + "/metrics.jsonl"), metrics);
}

TEST(TrainingChecks, ABrokenImageStopsTheRunWhichResumesWithoutIt) {
  const std::string data = copied_nus_wide();
  const std::string image = data + "/Flickr/sea/0001_1.jpg";
  const std::string output = scratch_folder("checks") + "/run";
  const Arguments command =
      tiny_run("train_stage1", output,
               {"--data-path", data, "--batch-size", "1", "--no-shuffle", "--resume", "--eval-every", "0"});
  std::ofstream(image) << "not an image";
  const auto failed = run_command(command);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.error.find("sea/0001_1.jpg"), std::string::npos) << failed.error;
  EXPECT_EQ(files_in(output + "/state").size(), 1U) << "the state before the broken image is saved";
  const auto skipped = run_command(command + Arguments{"--on-bad-image", "skip"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.error;
  EXPECT_NE(skipped.error.find("1 images could not be read"), std::string::npos) << skipped.error;
  EXPECT_NE(skipped.error.find("resumed from"), std::string::npos) << skipped.error;
}

TEST(TrainingChecks, AnEpochWithoutReadableImagesFails) {
  const std::string data = copied_nus_wide();
  for (const auto& entry : fs::recursive_directory_iterator(data + "/Flickr")) {
    if (entry.is_regular_file()) std::ofstream(entry.path()) << "not an image";
  }
  const auto result =
      run_command(tiny_run("train_stage1", scratch_folder("checks") + "/run",
                           {"--data-path", data, "--batch-size", "4", "--on-bad-image", "skip"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.error.find("no step was taken"), std::string::npos) << result.error;
}

/// Copies the miniature data set with a training list that contains its first image `times` times.
std::string repeated_nus_wide(int times) {
  std::string data = copied_nus_wide();
  fs::remove(data + "/img_names.pkl");
  std::ofstream list(data + "/img_names.txt");
  for (int i = 0; i < times; ++i) list << "sea_0001_1.jpg\n";
  return data;
}

TEST(TrainingChecks, AConstantLossIsReportedAfterSeveralSteps) {
  const std::string output = scratch_folder("checks") + "/run";
  const auto result =
      run_command(tiny_run("train_stage2", output,
                           {"--epochs", "1", "--batch-size", "8", "--lr", "0", "--min-lr", "0",
                            "--train-transform", "eval", "--no-shuffle", "--eval-every", "0"}));
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.error.find("has not moved"), std::string::npos) << "one step is too few for a warning";
  const std::string longer = scratch_folder("checks") + "/run";
  const auto still = run_command(
      tiny_run("train_stage2", longer,
               {"--epochs", "1", "--batch-size", "1", "--lr", "0", "--min-lr", "0", "--train-transform",
                "eval", "--no-shuffle", "--data-path", repeated_nus_wide(12)}));
  EXPECT_EQ(still.exit_code, 0) << still.error;
  EXPECT_NE(still.error.find("the loss has not moved from"), std::string::npos) << still.error;
}

}  // namespace
}  // namespace mkt::test
