// Runs that are killed, stopped, starved of disk or fed a bad number.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/stopwatch.h"
#include "integration/world.h"
#include "mkt/core/random.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

constexpr double kPatience = 120;  // seconds until something that must happen counts as not happening
constexpr double kPrompt = 10;     // within which all ranks of a run must end

/// A training run in a process of its own.
class TrainingProcess {
 public:
  explicit TrainingProcess(Arguments command)
      : folder_(scratch_folder("run")), pid_(start_command(command, folder_)) {}
  ~TrainingProcess() {
    if (!ended_) {
      kill(pid_, SIGKILL);
      wait();
    }
  }
  TrainingProcess(const TrainingProcess&) = delete;
  TrainingProcess& operator=(const TrainingProcess&) = delete;

  pid_t pid() const { return pid_; }
  std::string error() const { return file_text(folder_ + "/stderr"); }

  /// Exit code, 128 + signal where one ended it.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// The ranks that it started, by rank.
  std::vector<pid_t> ranks() const {
    std::istringstream children(file_text(fmt::format("/proc/{}/task/{}/children", pid_, pid_)));
    std::map<int, pid_t> found;
    for (pid_t child = 0; children >> child;) {
      const std::string environment = file_text(fmt::format("/proc/{}/environ", child));
      const auto place = environment.find(std::string("\0RANK=", 6));
      if (place != std::string::npos) found[std::stoi(environment.substr(place + 6))] = child;
    }
    std::vector<pid_t> pids;
    for (const auto& [rank, pid] : found) pids.push_back(pid);
    return pids;
  }

 private:
  std::string folder_;
  pid_t pid_;
  bool ended_ = false;
};

template <typename Condition>
bool wait_until(const Condition& holds, double seconds = kPatience) {
  const Stopwatch watch;
  while (!holds()) {
    if (watch.seconds() > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

bool trains(const std::string& output, std::size_t steps = 3) {
  return wait_until([&] {
    const std::string text = file_text(output + "/metrics.jsonl");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) >= steps;
  });
}

/// A run of two ranks that would go on for long.
Arguments endless(const std::string& output, const Arguments& more = {}) {
  return tiny_run(
      "train_stage2", output,
      Arguments{"--epochs", "100000", "--batch-size", "2", "--eval-every", "0", "--nproc-per-node", "2"} +
          more);
}

std::vector<std::string> state_files(const std::string& output) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(output + "/state")) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Faults, SigtermToOneRankStopsAllWithTheStepSaved) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output));
  ASSERT_TRUE(trains(output)) << run.error();
  const Stopwatch watch;
  kill(run.ranks().at(1), SIGTERM);
  EXPECT_EQ(run.wait(), 143) << run.error();
  EXPECT_LT(watch.seconds(), kPrompt);
  const auto newest = weights::load_safetensors(state_files(output).back());
  const auto progress = nlohmann::json::parse(newest.metadata.at("progress"));
  const auto last = records(output, "step").back();
  EXPECT_EQ(progress["epoch"], last["epoch"]);
  EXPECT_EQ(progress["step"].get<int>(), last["step"].get<int>() + 1);
}

TEST(Faults, AKilledRankEndsAllAndIsNamed) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output));
  ASSERT_TRUE(trains(output)) << run.error();
  const Stopwatch watch;
  kill(run.ranks().at(1), SIGKILL);
  EXPECT_NE(run.wait(), 0);
  EXPECT_LT(watch.seconds(), kPrompt);
  EXPECT_NE(run.error().find("rank 1"), std::string::npos) << run.error();
}

TEST(Faults, AStoppedRankEndsAllAtTheTimeOut) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output, {"--timeout-seconds", "3"}));
  ASSERT_TRUE(trains(output)) << run.error();
  const pid_t stopped = run.ranks().at(1);
  const Stopwatch watch;
  kill(stopped, SIGSTOP);
  EXPECT_NE(run.wait(), 0);
  EXPECT_LT(watch.seconds(), 3 + kPrompt);
  EXPECT_NE(run.error().find("rank 1"), std::string::npos) << run.error();
  EXPECT_NE(kill(stopped, 0), 0) << "the stopped rank is still there";
}

TEST(Faults, AFailingWriteLeavesTheOlderStateIntact) {
  const std::string output = scratch_folder("faults") + "/run";
  const Arguments command = tiny_run("train_stage1", output,
                                     {"--epochs", "100000", "--batch-size", "4", "--eval-every", "0",
                                      "--checkpoint-every", "0", "--resume"});
  {
    TrainingProcess run(command);
    ASSERT_TRUE(wait_until([&] { return fs::exists(output + "/model_epoch_0.pth"); })) << run.error();
    kill(run.pid(), SIGTERM);
    ASSERT_EQ(run.wait(), 143) << run.error();
  }
  const auto before = state_files(output);
  const std::string newest = file_text(before.back());
  // No file may grow beyond 256 KiB now, as on a full disk: less than a state takes.
  const auto starved =
      run_command(Arguments{"/bin/bash", "-c", "trap '' XFSZ; ulimit -f 256; exec \"$@\"", "bash"} + command);
  EXPECT_EQ(starved.exit_code, 1);
  EXPECT_NE(starved.error.find("cannot be written"), std::string::npos) << starved.error;
  EXPECT_EQ(state_files(output), before);
  EXPECT_TRUE(file_text(before.back()) == newest);
}

TEST(Faults, ANumberThatIsNotFiniteStopsAllRanksWithTheImagesNamed) {
  const std::string output = scratch_folder("faults") + "/run";
  const auto result = run_command(endless(output, {"--lr", "1e30"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.error.find("is not finite"), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("Images: "), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("_000"), std::string::npos) << result.error;  // names of nus-mini's images
  ASSERT_FALSE(records(output, "step").empty());
  const auto state = weights::load_safetensors(state_files(output).back());
  EXPECT_EQ(nlohmann::json::parse(state.metadata.at("progress"))["step"],
            records(output, "step").back()["step"].get<int>() + 1);
}

TEST(Faults, OptionsAreCheckedBeforeTheFolderIsTaken) {
  const std::string output = scratch_folder("faults") + "/run";
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

TEST(Faults, ARefusedResumeChangesNothing) {
  const std::string output = scratch_folder("faults") + "/run";
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

/// The miniature data set whose training list is its first image, many times.
std::string repeated_nus_wide(int times) {
  const std::string data = copied_nus_wide();
  fs::remove(data + "/img_names.pkl");
  std::ofstream list(data + "/img_names.txt");
  for (int i = 0; i < times; ++i) list << "sea_0001_1.jpg\n";
  return data;
}

TEST(Faults, AnImageThatBreaksInMidRunCostsNothing) {
  const std::string data = copied_nus_wide();
  const std::string image = data + "/Flickr/sea/0001_1.jpg";
  const std::string intact = file_text(image);
  const std::string output = scratch_folder("faults") + "/run";
  const Arguments command =
      tiny_run("train_stage1", output,
               {"--data-path", data, "--batch-size", "1", "--no-shuffle", "--resume", "--eval-every", "0"});
  std::ofstream(image) << "no picture";
  const auto failed = run_command(command);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.error.find("sea/0001_1.jpg"), std::string::npos) << failed.error;
  EXPECT_EQ(state_files(output).size(), 1U) << "the step before is saved";
  const auto skipped = run_command(command + Arguments{"--on-bad-image", "skip"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.error;
  EXPECT_NE(skipped.error.find("1 images could not be read"), std::string::npos) << skipped.error;
  EXPECT_NE(skipped.error.find("resumed from"), std::string::npos) << skipped.error;
}

TEST(Faults, AnEpochWithoutAnyImageFails) {
  const std::string data = copied_nus_wide();
  for (const auto& entry : fs::recursive_directory_iterator(data + "/Flickr")) {
    if (entry.is_regular_file()) std::ofstream(entry.path()) << "no picture";
  }
  const auto result =
      run_command(tiny_run("train_stage1", scratch_folder("faults") + "/run",
                           {"--data-path", data, "--batch-size", "4", "--on-bad-image", "skip"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.error.find("no step was taken"), std::string::npos) << result.error;
}

TEST(Faults, ANamedStateThatDoesNotFitLeavesTheRunAsItIs) {
  const std::string output = scratch_folder("faults") + "/run";
  const Arguments command =
      tiny_run("train_stage1", output, {"--batch-size", "4", "--checkpoint-every", "1"});
  ASSERT_EQ(run_command(command).exit_code, 0);
  const auto before = state_files(output);
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
  EXPECT_EQ(state_files(output), before);
  EXPECT_EQ(file_text(output + "/metrics.jsonl"), metrics);
}

TEST(Faults, ALossThatStandsStillIsReported) {
  const std::string output = scratch_folder("faults") + "/run";
  const auto result =
      run_command(tiny_run("train_stage2", output,
                           {"--epochs", "1", "--batch-size", "8", "--lr", "0", "--min-lr", "0",
                            "--train-transform", "eval", "--no-shuffle", "--eval-every", "0"}));
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.error.find("has not moved"), std::string::npos) << "one step is no reason to worry";
  const std::string longer = scratch_folder("faults") + "/run";
  const auto still = run_command(
      tiny_run("train_stage2", longer,
               {"--epochs", "1", "--batch-size", "1", "--lr", "0", "--min-lr", "0", "--train-transform",
                "eval", "--no-shuffle", "--data-path", repeated_nus_wide(12)}));
  EXPECT_EQ(still.exit_code, 0) << still.error;
  EXPECT_NE(still.error.find("the loss has not moved from"), std::string::npos) << still.error;
}

/// How often KillsAtRandomMoments kills: MKT_TEST_KILLS, or a few.
int kills_wanted() {
  const char* text = std::getenv("MKT_TEST_KILLS");
  return text == nullptr ? 4 : std::atoi(text);
}

TEST(Faults, KillsAtRandomMomentsCostNothing) {
  constexpr double kLongestLife = 2.5;  // seconds: from before the first line of a run to many steps into it
  const std::string folder = scratch_folder("faults");
  const int epochs = 40;
  const auto command = [&](const std::string& name) {
    return tiny_run("train_stage1", folder + name,
                    {"--batch-size", "4", "--epochs", std::to_string(epochs), "--checkpoint-every", "1",
                     "--eval-every", "10", "--resume"});
  };
  ASSERT_EQ(run_command(command("/whole")).exit_code, 0);
  KeyedRandom random({static_cast<std::uint64_t>(kills_wanted())});
  const auto expect_the_whole = [&] {
    const std::string last = fmt::format("/model_epoch_{}.pth", epochs - 1);
    EXPECT_FALSE(file_text(folder + "/whole" + last).empty());
    EXPECT_TRUE(file_text(folder + "/killed" + last) == file_text(folder + "/whole" + last));
    EXPECT_EQ(records(folder + "/killed", "step"), records(folder + "/whole", "step"));
  };
  for (int kills = 0; kills < kills_wanted();) {
    TrainingProcess run(command("/killed"));
    std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, kLongestLife)));
    kill(run.pid(), SIGKILL);
    if (run.wait() == 0) {  // it was done before: once more from the beginning
      expect_the_whole();
      fs::remove_all(folder + "/killed");
      continue;
    }
    ++kills;
    if (!fs::exists(folder + "/killed/state")) continue;
    for (const std::string& file : state_files(folder + "/killed")) {
      if (fs::path(file).extension() != ".safetensors") continue;  // a part, which resuming passes over
      EXPECT_NO_THROW(weights::load_safetensors(file)) << file;
    }
  }
  const auto result = run_command(command("/killed"));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  expect_the_whole();
}

}  // namespace
}  // namespace mkt::test
