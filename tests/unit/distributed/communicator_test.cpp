#include "distributed/communicator.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "command.h"
#include "mkt/core/error.h"

namespace mkt::distributed {
namespace {

using test::Command;
using test::contains;
using test::RankFolder;
using test::ranks;

class Collectives : public testing::TestWithParam<int> {};

TEST_P(Collectives, GiveEveryRankTheSameResults) {
  Command command(ranks(GetParam(), {"collectives", std::to_string(GetParam())}));
  EXPECT_EQ(command.wait(60), 0) << command.stderr_text();
}

INSTANTIATE_TEST_SUITE_P(Ranks, Collectives, testing::Values(1, 2, 3, 4));

TEST(Communicator, DoesNothingAlone) {
  Communicator alone;
  const torch::Tensor tensor = torch::ones({2});
  alone.all_reduce_sum(tensor);
  alone.broadcast(tensor);
  alone.barrier();
  alone.announce_failure("nobody hears");
  alone.set_timeout(std::chrono::seconds(1));
  EXPECT_TRUE(alone.is_main());
  EXPECT_TRUE(tensor.equal(torch::ones({2})));
  EXPECT_TRUE(alone.all_gather(tensor).equal(tensor));
  EXPECT_EQ(alone.all_gather("a"), std::vector<std::string>{"a"});
  EXPECT_EQ(alone.broadcast("a"), "a");
  EXPECT_EQ(alone.agree(-2), -2);
}

TEST(Communicator, RejectsARootThatIsNotARank) {
  Communicator alone;
  try {
    alone.broadcast(torch::ones({2}), 1);
    FAIL() << "no error";
  } catch (const c10::ValueError& error) {
    EXPECT_EQ(one_line(error), "root: expected a rank below 1, got 1. Name a rank of this run.");
  }
}

TEST(Communicator, WorksWithTheVariablesOfOpenMpiAndSlurm) {
  // Open MPI and Slurm start no rendezvous store, so rank 0 hosts it.
  for (const std::string launcher : {"OMPI", "SLURM"}) {
    const auto variables = [&](int rank) -> std::vector<std::string> {
      if (launcher == "OMPI") {
        return {fmt::format("OMPI_COMM_WORLD_RANK={}", rank), "OMPI_COMM_WORLD_SIZE=2",
                "OMPI_COMM_WORLD_LOCAL_SIZE=2", fmt::format("OMPI_COMM_WORLD_LOCAL_RANK={}", rank),
                fmt::format("PMIX_NAMESPACE=test{}", getpid())};
      }
      return {fmt::format("SLURM_PROCID={}", rank),     "SLURM_NTASKS=2",
              fmt::format("SLURM_LOCALID={}", rank),    "SLURM_NNODES=1",
              fmt::format("SLURM_JOB_ID={}", getpid()), "SLURM_STEP_ID=0"};
    };
    Command first({MKT_TEST_RANK, "collectives", "2"}, variables(0));
    Command second({MKT_TEST_RANK, "collectives", "2"}, variables(1));
    EXPECT_EQ(first.wait(60), 0) << first.stderr_text();
    EXPECT_EQ(second.wait(60), 0) << second.stderr_text();
  }
}

TEST(Communicator, NamesRanksThatDoNotConnect) {
  Topology topology;
  topology.size = 3;
  topology.local_size = 3;
  topology.master_addr = "127.0.0.1";
  topology.master_port = 0;
  CommunicatorOptions options;
  options.start_timeout = std::chrono::milliseconds(300);
  try {
    const Communicator never(topology, options);
    FAIL() << "no error";
  } catch (const std::exception& error) {
    EXPECT_TRUE(contains(one_line(error), "rank 0 of 3: start: ranks 1, 2 did not connect to 127.0.0.1:"))
        << one_line(error);
  }
}

TEST(Communicator, RejectsGpusInABuildWithoutNccl) {
  if (has_nccl()) GTEST_SKIP() << "this build has NCCL";
  Topology topology;
  topology.size = 2;
  CommunicatorOptions options;
  options.device = torch::Device(torch::kCUDA, 0);
  try {
    const Communicator never(topology, options);
    FAIL() << "no error";
  } catch (const std::exception& error) {
    EXPECT_TRUE(
        contains(one_line(error), "rank 0 of 2: start: NCCL: expected a build with it for several GPUs"))
        << one_line(error);
  }
}

TEST(Communicator, SumsAndGathersOnGpus) {
  if (!has_nccl()) GTEST_SKIP() << "this build has no NCCL";
  if (torch::cuda::device_count() < 2) GTEST_SKIP() << "fewer than two GPUs";
  Command command(ranks(2, {"gpus"}));
  EXPECT_EQ(command.wait(120), 0) << command.stderr_text();
}

TEST(Communicator, QuotesTheRankThatAnnouncedItsFailure) {
  Command command(ranks(3, {"announce"}));
  EXPECT_EQ(command.wait(30), 1);
  const std::string text = command.stderr_text();
  EXPECT_TRUE(contains(text, "rank 0 of 3: barrier: rank 1 failed: images.txt: line 7: no such image."))
      << text;
}

TEST(Communicator, ReportsASlowRank) {
  Command command(ranks(2, {"slow"}));
  EXPECT_EQ(command.wait(30), 1);
  const std::string text = command.stderr_text();
  EXPECT_TRUE(contains(text, "rank 0 of 2: barrier: no answer within")) << text;
  EXPECT_TRUE(contains(text, "but all ranks are still running")) << text;
}

class Killed : public testing::TestWithParam<int> {};

TEST_P(Killed, RankIsNamedByTheOthersAndTheLauncher) {
  const RankFolder folder;
  Command command(ranks(3, {"agree-forever", "30000", folder.path()}));
  for (int rank = 0; rank < 3; ++rank) ASSERT_GT(folder.pid(rank), 0);
  const Stopwatch watch;
  kill(folder.pid(GetParam()), SIGKILL);
  EXPECT_EQ(command.wait(15), 128 + SIGKILL);
  EXPECT_LT(watch.seconds(), 8);
  const std::string text = command.stderr_text();
  EXPECT_TRUE(
      contains(text, fmt::format("launch: rank {} of 3 was killed by signal 9 (SIGKILL)", GetParam())))
      << text;
}

INSTANTIATE_TEST_SUITE_P(Ranks, Killed, testing::Values(0, 2));

/// Two ranks started without a launcher, because a launcher would kill the surviving rank.
struct LooseRanks {
  explicit LooseRanks(int timeout_ms) {
    for (int rank = 0; rank < 2; ++rank) {
      const std::vector<std::string> variables = {fmt::format("RANK={}", rank),
                                                  "WORLD_SIZE=2",
                                                  fmt::format("LOCAL_RANK={}", rank),
                                                  "LOCAL_WORLD_SIZE=2",
                                                  "MASTER_ADDR=127.0.0.1",
                                                  fmt::format("MASTER_PORT={}", 15000 + getpid() % 15000)};
      const std::vector<std::string> arguments = {MKT_TEST_RANK, "agree-forever", std::to_string(timeout_ms),
                                                  folder.path()};
      commands.push_back(std::make_unique<Command>(arguments, variables));
    }
  }

  RankFolder folder;
  std::vector<std::unique_ptr<Command>> commands;
};

TEST(Communicator, NamesAKilledRankSoon) {
  LooseRanks loose(30000);
  ASSERT_GT(loose.folder.pid(0), 0);
  ASSERT_GT(loose.folder.pid(1), 0);
  kill(loose.folder.pid(1), SIGKILL);
  EXPECT_EQ(loose.commands[0]->wait(8), 1);
  const std::string text = loose.commands[0]->stderr_text();
  EXPECT_TRUE(contains(text, "rank 0 of 2: agree: rank 1 ended, or was killed or stopped (")) << text;
}

TEST(Communicator, NamesTheKilledHolderOfTheStoreSoon) {
  LooseRanks loose(30000);
  ASSERT_GT(loose.folder.pid(0), 0);
  ASSERT_GT(loose.folder.pid(1), 0);
  kill(loose.folder.pid(0), SIGKILL);
  EXPECT_EQ(loose.commands[1]->wait(8), 1);
  const std::string text = loose.commands[1]->stderr_text();
  EXPECT_TRUE(contains(text, "rank 1 of 2: agree: rank 0, which holds the store at 127.0.0.1:")) << text;
}

class Stopped : public testing::TestWithParam<int> {};

TEST_P(Stopped, RankIsNamedAtTheTimeOut) {
  LooseRanks loose(1000);
  ASSERT_GT(loose.folder.pid(0), 0);
  ASSERT_GT(loose.folder.pid(1), 0);
  const int other = 1 - GetParam();
  kill(loose.folder.pid(GetParam()), SIGSTOP);
  EXPECT_EQ(loose.commands[static_cast<std::size_t>(other)]->wait(10), 1);
  const std::string text = loose.commands[static_cast<std::size_t>(other)]->stderr_text();
  EXPECT_TRUE(contains(text, fmt::format("rank {} of 2: agree: rank {}", other, GetParam()))) << text;
  EXPECT_TRUE(contains(text, "no answer within 1 s")) << text;
}

INSTANTIATE_TEST_SUITE_P(Ranks, Stopped, testing::Values(0, 1));

}  // namespace
}  // namespace mkt::distributed
