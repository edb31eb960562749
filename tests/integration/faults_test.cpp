// Tests runs that are killed or stopped, run out of disk space, or produce non-finite numbers.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "core/stopwatch.h"
#include "integration/world.h"
#include "mkt/core/random.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

constexpr double kPatience = 120;  // timeout in seconds for an expected event
constexpr double kPrompt = 10;     // seconds within which all ranks of a run must exit

/// A training run in a child process; the destructor kills it.
class TrainingProcess {
 public:
  explicit TrainingProcess(const Arguments& command)
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

  /// Waits for the process to exit; returns its exit code, or 128 + n if signal n ended it.
  int wait() {
    const int status = wait_for_end(pid_);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// Returns the child processes of the run, ordered by rank.
  std::vector<pid_t> ranks() const {
    std::istringstream children(file_text(fmt::format("/proc/{}/task/{}/children", pid_, pid_)));
    std::map<int, pid_t> found;
    for (pid_t child = 0; children >> child;) {
      const std::string environment = file_text(fmt::format("/proc/{}/environ", child));
      const auto place = environment.find(std::string("\0RANK=", 6));
      if (place != std::string::npos) found[std::stoi(environment.substr(place + 6))] = child;
    }
    std::vector<pid_t> pids;
    pids.reserve(found.size());
    for (const auto& [rank, pid] : found) pids.push_back(pid);
    return pids;
  }

 private:
  std::string folder_;
  pid_t pid_;
  bool ended_ = false;
};

/// Polls `holds`; returns whether it becomes true within `seconds`.
template <typename Condition>
bool wait_until(const Condition& holds, double seconds = kPatience) {
  const Stopwatch watch;
  while (!holds()) {
    if (watch.seconds() > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// Returns whether a run writes `steps` lines of metrics before the timeout.
bool trains(const std::string& output, std::size_t steps = 3) {
  return wait_until([&] {
    const std::string text = file_text(output + "/metrics.jsonl");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) >= steps;
  });
}

/// Command line for a run on two ranks that does not end by itself.
Arguments endless(const std::string& output, const Arguments& more = {}) {
  return tiny_run(
      "train_stage2", output,
      Arguments{"--epochs", "100000", "--batch-size", "2", "--eval-every", "0", "--nproc-per-node", "2"} +
          more);
}

TEST(Faults, SigtermToOneRankSavesTheStepAndStopsAllRanks) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output));
  ASSERT_TRUE(trains(output)) << run.error();
  const Stopwatch watch;
  kill(run.ranks().at(1), SIGTERM);
  EXPECT_EQ(run.wait(), 143) << run.error();
  EXPECT_LT(watch.seconds(), kPrompt);
  const auto newest = weights::load_safetensors(files_in(output + "/state").back());
  const auto progress = nlohmann::json::parse(newest.metadata.at("progress"));
  const auto last = records(output, "step").back();
  EXPECT_EQ(progress["epoch"], last["epoch"]);
  EXPECT_EQ(progress["step"].get<int>(), last["step"].get<int>() + 1);
}

TEST(Faults, AHangUpSavesTheStepAndStopsAllRanks) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output));
  ASSERT_TRUE(trains(output)) << run.error();
  kill(run.pid(), SIGHUP);
  EXPECT_EQ(run.wait(), 143) << run.error();
  const auto newest = weights::load_safetensors(files_in(output + "/state").back());
  const auto progress = nlohmann::json::parse(newest.metadata.at("progress"));
  constexpr int kSteps = 2;  // per epoch: 8 images in batches of 2 on two ranks
  const auto last = records(output, "step").back();
  EXPECT_EQ(kSteps * progress["epoch"].get<int>() + progress["step"].get<int>(),
            kSteps * last["epoch"].get<int>() + last["step"].get<int>() + 1);
}

TEST(Faults, UnderNohupARunGoesOnAfterAHangUp) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(Arguments{"/usr/bin/nohup"} + endless(output));
  ASSERT_TRUE(trains(output)) << run.error();
  kill(run.pid(), SIGHUP);
  for (const pid_t rank : run.ranks()) kill(rank, SIGHUP);
  const std::size_t before = records(output, "step").size();
  EXPECT_TRUE(trains(output, before + 4)) << run.error();
  kill(run.pid(), SIGTERM);
  EXPECT_EQ(run.wait(), 143) << run.error();
}

TEST(Faults, AKilledRankIsNamedAndEndsAllRanks) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output));
  ASSERT_TRUE(trains(output)) << run.error();
  const Stopwatch watch;
  kill(run.ranks().at(1), SIGKILL);
  EXPECT_NE(run.wait(), 0);
  EXPECT_LT(watch.seconds(), kPrompt);
  EXPECT_NE(run.error().find("rank 1"), std::string::npos) << run.error();
}

TEST(Faults, ASuspendedRankIsNamedAndEndsAllRanksAtTheTimeout) {
  const std::string output = scratch_folder("faults") + "/run";
  TrainingProcess run(endless(output, {"--timeout-seconds", "3"}));
  ASSERT_TRUE(trains(output)) << run.error();
  const pid_t suspended = run.ranks().at(1);
  const Stopwatch watch;
  kill(suspended, SIGSTOP);
  EXPECT_NE(run.wait(), 0);
  EXPECT_LT(watch.seconds(), 3 + kPrompt);
  EXPECT_NE(run.error().find("rank 1"), std::string::npos) << run.error();
  EXPECT_NE(kill(suspended, 0), 0) << "the suspended rank still exists";
}

TEST(Faults, AFailedWriteKeepsTheOlderState) {
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
  const auto before = files_in(output + "/state");
  const std::string newest = file_text(before.back());
  // The file size limit, 256 KiB, is less than a state needs, so writing fails as on a full disk.
  const auto limited =
      run_command(Arguments{"/bin/bash", "-c", "trap '' XFSZ; ulimit -f 256; exec \"$@\"", "bash"} + command);
  EXPECT_EQ(limited.exit_code, 1);
  EXPECT_NE(limited.error.find("cannot be written"), std::string::npos) << limited.error;
  EXPECT_EQ(files_in(output + "/state"), before);
  EXPECT_TRUE(file_text(before.back()) == newest);
}

TEST(Faults, ANonFiniteNumberStopsAllRanksAndNamesTheImages) {
  const std::string output = scratch_folder("faults") + "/run";
  const auto result = run_command(endless(output, {"--lr", "1e30"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.error.find("is not finite"), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("Images: "), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("_000"), std::string::npos) << result.error;  // every image name contains it
  ASSERT_FALSE(records(output, "step").empty());
  const auto state = weights::load_safetensors(files_in(output + "/state").back());
  EXPECT_EQ(nlohmann::json::parse(state.metadata.at("progress"))["step"],
            records(output, "step").back()["step"].get<int>() + 1);
}

/// Number of kills in AKilledRunResumesToTheBytesOfAnUninterruptedOne: MKT_TEST_KILLS, or 4.
int kills_wanted() {
  const char* text = std::getenv("MKT_TEST_KILLS");
  return text == nullptr ? 4 : std::atoi(text);
}

TEST(Faults, AKilledRunResumesToTheBytesOfAnUninterruptedOne) {
  constexpr double kLongestLife = 2.5;  // maximum seconds before a kill: start-up and many steps
  const std::string folder = scratch_folder("faults");
  const int epochs = 40;
  const auto command = [&](const std::string& name) {
    return tiny_run("train_stage1", folder + name,
                    {"--batch-size", "4", "--epochs", std::to_string(epochs), "--checkpoint-every", "1",
                     "--eval-every", "10", "--resume"});
  };
  ASSERT_EQ(run_command(command("/whole")).exit_code, 0);
  KeyedRandom random({static_cast<std::uint64_t>(kills_wanted())});
  const auto expect_equal_runs = [&] {
    const std::string last = fmt::format("/model_epoch_{}.pth", epochs - 1);
    EXPECT_FALSE(file_text(folder + "/whole" + last).empty());
    EXPECT_TRUE(file_text(folder + "/killed" + last) == file_text(folder + "/whole" + last));
    EXPECT_EQ(records(folder + "/killed", "step"), records(folder + "/whole", "step"));
  };
  for (int kills = 0; kills < kills_wanted();) {
    TrainingProcess run(command("/killed"));
    std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, kLongestLife)));
    kill(run.pid(), SIGKILL);
    if (run.wait() == 0) {  // the run ended before the kill: compare it and restart from scratch
      expect_equal_runs();
      fs::remove_all(folder + "/killed");
      continue;
    }
    ++kills;
    if (!fs::exists(folder + "/killed/state")) continue;
    // Partly written files have other extensions; resuming ignores them.
    for (const std::string& file : files_in(folder + "/killed/state", ".safetensors")) {
      EXPECT_NO_THROW(weights::load_safetensors(file)) << file;
    }
  }
  const auto result = run_command(command("/killed"));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  expect_equal_runs();
}

}  // namespace
}  // namespace mkt::test
