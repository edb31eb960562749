#include "distributed/launcher.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <regex>

#include "command.h"
#include "mkt/core/error.h"

namespace mkt::distributed {
namespace {

using test::Command;
using test::contains;
using test::RankFolder;
using test::ranks;
using test::wait_until;

bool alive(pid_t pid) {
  return kill(pid, 0) == 0;
}

LaunchOptions options_of(int nproc_per_node, int nnodes = 1, int node_rank = 0,
                         const std::string& master_addr = "", int master_port = 0) {
  LaunchOptions options;
  options.nproc_per_node = nproc_per_node;
  options.nnodes = nnodes;
  options.node_rank = node_rank;
  options.master_addr = master_addr;
  options.master_port = master_port;
  return options;
}

std::string error_of(const LaunchOptions& options) {
  try {
    launch({"true"}, options);
  } catch (const c10::ValueError& error) {
    return one_line(error);
  }
  return "no error";
}

TEST(Launch, ReturnsZeroIfAllRanksDo) {
  const LaunchResult result = launch({"true"}, options_of(2));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.failed_rank, -1);
  EXPECT_EQ(result.message, "");
}

TEST(Launch, ReportsTheFailedRankAndEndsTheOthers) {
  const Stopwatch watch;
  const LaunchResult result = launch({MKT_TEST_RANK, "exit-alone", "1", "7", "no such file"}, options_of(3));
  EXPECT_LT(watch.seconds(), 10);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.failed_rank, 1);
  EXPECT_EQ(result.message, "rank 1 of 3 exited with code 7: error: no such file");
}

TEST(Launch, PrefersTheErrorFileToStderr) {
  const LaunchResult result = launch({MKT_TEST_RANK, "collectives", "5"}, options_of(2));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.message, "of 2 exited with code 1: size 2")) << result.message;
  EXPECT_FALSE(contains(result.message, "error: ")) << result.message;
}

TEST(Launch, ReportsAProgramThatCannotBeStarted) {
  const LaunchResult result = launch({"/no/such/program"}, options_of(2));
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_TRUE(contains(result.message, "/no/such/program: cannot be started: No such file or directory"))
      << result.message;
}

TEST(Launch, RejectsInvalidOptions) {
  EXPECT_EQ(error_of(options_of(0)), "nproc-per-node: expected at least 1, got 0. Choose another number.");
  EXPECT_EQ(error_of(options_of(1, 0)), "nnodes: expected at least 1, got 0. Choose another number.");
  EXPECT_EQ(error_of(options_of(1, 2, 2)),
            "node-rank: expected 0 to 1 (the run has 2 nodes), got 2. Number the nodes from 0.");
  EXPECT_EQ(
      error_of(options_of(1, 2, 1)),
      "master-addr: expected the address of node 0 (the run has 2 nodes), got none. Name it on all nodes.");
  EXPECT_EQ(error_of(options_of(1, 2, 1, "n1")),
            "master-port: expected a port that is free on node 0 (the run has 2 nodes), got none. Name it on "
            "all nodes.");
  EXPECT_EQ(error_of(options_of(1, 1, 0, "", -1)),
            "master-port: expected 1 to 65535, got -1. Choose another port.");
}

TEST(Launch, SetsTorchrunsVariablesAndPrefixesOtherRanks) {
  Command command(ranks(2, {"environment", "RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "OMP_NUM_THREADS"}),
                  {"--unset=OMP_NUM_THREADS"});
  ASSERT_EQ(command.wait(30), 0);
  const std::string text = command.stderr_text();
  EXPECT_TRUE(contains(text, "RANK=0\n")) << text;
  EXPECT_TRUE(contains(text, "[rank 1] RANK=1\n")) << text;
  EXPECT_TRUE(contains(text, "[rank 1] WORLD_SIZE=2\n")) << text;
  EXPECT_TRUE(contains(text, "[rank 1] LOCAL_WORLD_SIZE=2\n")) << text;
  const unsigned share = std::max(1U, std::thread::hardware_concurrency() / 2);
  EXPECT_TRUE(contains(text, fmt::format("OMP_NUM_THREADS={}\n", share))) << text;
}

TEST(Launch, KeepsTheUsersNumberOfThreads) {
  Command command(ranks(2, {"environment", "OMP_NUM_THREADS"}), {"OMP_NUM_THREADS=3"});
  ASSERT_EQ(command.wait(30), 0);
  EXPECT_TRUE(contains(command.stderr_text(), "[rank 1] OMP_NUM_THREADS=3\n")) << command.stderr_text();
}

TEST(Launch, SpansNodes) {
  const int port = 15000 + (getpid() + 7000) % 15000;
  const auto node = [&](int rank) {
    return launch({MKT_TEST_RANK, "collectives", "2"}, options_of(1, 2, rank, "127.0.0.1", port)).exit_code;
  };
  const pid_t second = fork();
  if (second == 0) _exit(node(1));
  EXPECT_EQ(node(0), 0);
  int status = 0;
  waitpid(second, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Launch, ForwardsSigtermAndWaitsForRanksToSave) {
  const RankFolder folder;
  Command command(ranks(2, {"until-signal", folder.path()}));
  ASSERT_GT(folder.pid(0), 0);
  ASSERT_GT(folder.pid(1), 0);
  kill(command.pid(), SIGTERM);
  EXPECT_EQ(command.wait(10), kExitTerminated);
  EXPECT_EQ(command.stderr_text(), "");
}

TEST(Launch, StopsAllRanksIfOneIsStopped) {
  const RankFolder folder;
  Command command(ranks(2, {"until-signal", folder.path()}));
  ASSERT_GT(folder.pid(0), 0);
  ASSERT_GT(folder.pid(1), 0);
  kill(folder.pid(1), SIGTERM);
  EXPECT_EQ(command.wait(10), kExitTerminated);
  EXPECT_EQ(command.stderr_text(), "");
}

TEST(Launch, KillsItsRanksWhenKilled) {
  const RankFolder folder;
  Command command(ranks(2, {"agree-forever", "30000", folder.path()}));
  const pid_t first = folder.pid(0);
  const pid_t second = folder.pid(1);
  ASSERT_GT(first, 0);
  ASSERT_GT(second, 0);
  kill(command.pid(), SIGKILL);
  EXPECT_EQ(command.wait(5), 128 + SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !alive(first) && !alive(second); }, 5));
}

TEST(Launch, EndsASuspendedRankAfterTheOthersTimeOut) {
  const RankFolder folder;
  Command command(ranks(2, {"agree-forever", "1000", folder.path()}));
  ASSERT_GT(folder.pid(0), 0);
  const pid_t stopped = folder.pid(1);
  kill(stopped, SIGSTOP);
  EXPECT_EQ(command.wait(12), 1);
  EXPECT_FALSE(alive(stopped));
  const std::string text = command.stderr_text();
  EXPECT_TRUE(
      contains(text,
               "launch: rank 0 of 2 exited with code 1: rank 0 of 2: agree: rank 1 ended, or was killed "
               "or stopped (no answer within 1 s)"))
      << text;
}

/// Returns the command line that runs the rank program under `torchrun --standalone --nproc-per-node 2`.
std::vector<std::string> torchrun(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {MKT_TEST_PYTHON, "-m", "torch.distributed.run", "--no-python",
                                       "--standalone", "--nproc-per-node", "2", MKT_TEST_RANK});
  return arguments;
}

bool has_torchrun() {
  static const bool found = Command({MKT_TEST_PYTHON, "-c", "import torch.distributed.run"}).wait(60) == 0;
  return found;
}

TEST(Torchrun, StartsRanksThatMeetAtItsStore) {
  if (!has_torchrun()) GTEST_SKIP() << "no torch in " << MKT_TEST_PYTHON;
  Command command(torchrun({"collectives", "2"}));
  EXPECT_EQ(command.wait(90), 0) << command.stderr_text();
}

TEST(Torchrun, ShowsTheErrorFile) {
  if (!has_torchrun()) GTEST_SKIP() << "no torch in " << MKT_TEST_PYTHON;
  Command command(torchrun({"announce"}));
  EXPECT_EQ(command.wait(90), 1);
  EXPECT_TRUE(
      std::regex_search(command.stderr_text(), std::regex("traceback : .*rank 1 failed: images.txt: line 7")))
      << command.stderr_text();
}

TEST(Torchrun, KillsItsRanksWhenKilled) {
  if (!has_torchrun()) GTEST_SKIP() << "no torch in " << MKT_TEST_PYTHON;
  const RankFolder folder;
  Command command(torchrun({"agree-forever", "30000", folder.path()}));
  const pid_t first = folder.pid(0);
  const pid_t second = folder.pid(1);
  ASSERT_GT(first, 0) << command.stderr_text();
  ASSERT_GT(second, 0);
  kill(command.pid(), SIGKILL);
  EXPECT_EQ(command.wait(5), 128 + SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !alive(first) && !alive(second); }, 5));
}

}  // namespace
}  // namespace mkt::distributed
