// Tests that an interrupted and resumed run writes the same bytes as an uninterrupted run.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <sstream>

#include "integration/world.h"

namespace mkt::test {
namespace {

/// Starts `command`, waits until its metrics contain `text`, and sends `signal`; returns its wait status.
int interrupt_at(const Arguments& command, const std::string& output, const std::string& text, int signal) {
  const std::string folder = scratch_folder("interrupted");
  const pid_t child = start_command(command, folder);
  EXPECT_TRUE(wait_for_text(output + "/metrics.jsonl", text, std::chrono::seconds(300)))
      << file_text(folder + "/stderr");
  kill(child, signal);
  return wait_for_end(child);
}

/// Command line for a stage-1 run over 20 epochs with 4 steps each and a state after every step.
Arguments long_tiny_run(const std::string& output) {
  return tiny_run("train_stage1", output,
                  {"--batch-size", "2", "--epochs", "20", "--checkpoint-every", "1", "--eval-every", "0"});
}

/// Returns the output folder of an uninterrupted long_tiny_run, trained once.
const std::string& uninterrupted() {
  static const std::string folder = [] {
    std::string output = scratch_folder("resume") + "/whole";
    const auto result = run_command(long_tiny_run(output));
    TORCH_CHECK(result.exit_code == 0, result.error);
    return output;
  }();
  return folder;
}

/// Expects that two runs wrote the same bytes to `file` and the same step records to metrics.jsonl.
void expect_same_end(const std::string& output, const std::string& reference, const std::string& file) {
  EXPECT_FALSE(file_text(reference + file).empty());
  EXPECT_TRUE(file_text(output + file) == file_text(reference + file)) << file;
  // Records other than steps include the throughput, which varies.
  const auto steps = [](const std::string& folder) {
    std::string kept;
    std::istringstream stream(file_text(folder + "/metrics.jsonl"));
    for (std::string line; std::getline(stream, line);) {
      if (line.find("\"step\"") != std::string::npos) kept += line + "\n";
    }
    return kept;
  };
  EXPECT_EQ(steps(output), steps(reference));
}

TEST(Resume, AfterAKillInTheMiddleOfAnEpochGivesTheSameBytes) {
  const std::string output = scratch_folder("resume") + "/killed";
  const auto command = long_tiny_run(output);
  const int status = interrupt_at(command, output, "\"epoch\":2,\"step\":1,", SIGKILL);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto resumed = run_command(command + Arguments{"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_NE(resumed.error.find("resumed from"), std::string::npos);
  expect_same_end(output, uninterrupted(), "/model_epoch_19.pth");
}

TEST(Resume, AfterSigtermAndExitCode143GivesTheSameBytes) {
  const std::string output = scratch_folder("resume") + "/stopped";
  const auto command = long_tiny_run(output) + Arguments{"--resume"};
  const int status = interrupt_at(command, output, "\"epoch\":1,\"step\":1,", SIGTERM);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 143);
  ASSERT_EQ(run_command(command).exit_code, 0);
  expect_same_end(output, uninterrupted(), "/model_epoch_19.pth");
}

TEST(Resume, OfViTB16AfterAKillInTheSecondEpochGivesTheSameBytes) {
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
