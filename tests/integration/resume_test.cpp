// A run that is killed and resumed ends in the same bytes as one that was left alone.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>

#include "integration/world.h"

namespace mkt::test {
namespace {

/// Starts `command`, waits until `text` is in its metrics, sends `signal`; its wait status.
int interrupt_at(const Arguments& command, const std::string& output, const std::string& text, int signal) {
  const std::string folder = scratch_folder("interrupted");
  const pid_t child = start_command(command, folder);
  EXPECT_TRUE(wait_for_text(output + "/metrics.jsonl", text, std::chrono::seconds(300)))
      << file_text(folder + "/stderr");
  kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

Arguments long_tiny_run(const std::string& output) {
  return tiny("train_stage1") + Arguments{"--batch-size", "2", "--epochs",           "20",
                                          "--fix-layer",  "2", "--checkpoint-every", "1",
                                          "--eval-every", "0", "--output",           output};
}

void expect_same_end(const std::string& output, const std::string& reference, const std::string& file) {
  EXPECT_FALSE(file_text(reference + file).empty());
  EXPECT_TRUE(file_text(output + file) == file_text(reference + file)) << file;
  // The throughput differs; the losses must not.
  const auto losses = [](const std::string& text) {
    std::string kept;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      if (line.find("\"step\"") != std::string::npos) kept += line + "\n";
    }
    return kept;
  };
  EXPECT_EQ(losses(file_text(output + "/metrics.jsonl")), losses(file_text(reference + "/metrics.jsonl")));
}

TEST(Resume, AfterKillMidEpochEndsInTheSameBytes) {
  const std::string folder = scratch_folder("resume");
  ASSERT_EQ(run_command(long_tiny_run(folder + "/whole")).exit_code, 0);
  const auto command = long_tiny_run(folder + "/killed");
  const int status = interrupt_at(command, folder + "/killed", "\"epoch\":2,\"step\":1,", SIGKILL);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto resumed = run_command(command + Arguments{"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_NE(resumed.error.find("resumed from"), std::string::npos);
  expect_same_end(folder + "/killed", folder + "/whole", "/model_epoch_19.pth");
}

TEST(Resume, SigtermSavesTheStepAndExitsWith143) {
  const std::string folder = scratch_folder("resume");
  ASSERT_EQ(run_command(long_tiny_run(folder + "/whole")).exit_code, 0);
  auto command = long_tiny_run(folder + "/stopped") + Arguments{"--resume"};
  const int status = interrupt_at(command, folder + "/stopped", "\"epoch\":1,\"step\":1,", SIGTERM);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 143);
  ASSERT_EQ(run_command(command).exit_code, 0);
  expect_same_end(folder + "/stopped", folder + "/whole", "/model_epoch_19.pth");
}

TEST(Resume, FullSizeModelAfterKillInTheSecondEpoch) {
  const auto run = [](const std::string& output) {
    return Arguments{program("train_stage1"),
                     "--data-path",
                     mini_nus_wide(),
                     "--clip-path",
                     clip_file("vit-b-16"),
                     "--workers",
                     "2",
                     "--batch-size",
                     "4",
                     "--epochs",
                     "2",
                     "--checkpoint-every",
                     "1",
                     "--output",
                     output};
  };
  const std::string folder = scratch_folder("resume");
  const auto whole = run_command(run(folder + "/whole"));
  ASSERT_EQ(whole.exit_code, 0) << whole.error;
  const int status =
      interrupt_at(run(folder + "/killed"), folder + "/killed", "\"epoch\":1,\"step\":0,", SIGKILL);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto resumed = run_command(run(folder + "/killed") + Arguments{"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_NE(resumed.error.find("resumed from"), std::string::npos) << resumed.error;
  expect_same_end(folder + "/killed", folder + "/whole", "/model_epoch_1.pth");
}

}  // namespace
}  // namespace mkt::test
