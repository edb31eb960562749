#include "session/rank_device.h"

#include <gtest/gtest.h>

#include "support/message.h"

namespace mkt::session {
namespace {

distributed::Topology rank_of(int local_rank, int local_size, const std::string& launcher) {
  distributed::Topology topology;
  topology.rank = local_rank;
  topology.size = local_size;
  topology.local_rank = local_rank;
  topology.local_size = local_size;
  topology.launcher = launcher;
  return topology;
}

TEST(RankDevice, EachLocalRankHasItsOwnGpu) {
  EXPECT_EQ(device_of_rank("cuda", rank_of(2, 4, "torchrun"), 4), "cuda:2");
  EXPECT_EQ(device_of_rank("auto", rank_of(3, 4, "SLURM"), 8), "cuda:3");
}

TEST(RankDevice, ALauncherMayShowEachRankOnlyItsOwnGpu) {
  EXPECT_EQ(device_of_rank("cuda", rank_of(2, 4, "SLURM"), 1), "cuda:0");
  EXPECT_EQ(device_of_rank("auto", rank_of(1, 2, "Open MPI"), 1), "cuda:0");
}

TEST(RankDevice, RefusesMoreRanksThanGpus) {
  const auto message = [](int rank, int gpus) {
    return test::message_of([&] { device_of_rank("cuda", rank_of(rank, 4, "torchrun"), gpus); });
  };
  EXPECT_NE(message(2, 2).find("ranks: expected at most 2, the number of visible GPUs, got 4"),
            std::string::npos)
      << message(2, 2);
  EXPECT_NE(message(1, 1), "") << "torchrun shows every rank all GPUs";
  EXPECT_EQ(message(1, 2), "");
}

TEST(RankDevice, RefusesOneNamedGpuForSeveralRanks) {
  const auto message = [](int local_size) {
    return test::message_of([&] { device_of_rank("cuda:1", rank_of(0, local_size, "torchrun"), 0); });
  };
  EXPECT_NE(message(2).find(
                "device: expected cuda, of which each of the 2 ranks on this node takes its own, got cuda:1"),
            std::string::npos)
      << message(2);
  EXPECT_EQ(message(1), "");
}

TEST(RankDevice, LeavesOtherDevicesAsTheyAre) {
  EXPECT_EQ(device_of_rank("cpu", rank_of(1, 2, "torchrun"), 4), "cpu");
  EXPECT_EQ(device_of_rank("cuda:1", rank_of(0, 1, ""), 4), "cuda:1");
  EXPECT_EQ(device_of_rank("toaster", rank_of(0, 1, ""), 4), "toaster") << "refused by make_runtime";
  EXPECT_EQ(device_of_rank("auto", rank_of(1, 2, "torchrun"), 0), "auto");
  EXPECT_EQ(device_of_rank("cuda", rank_of(0, 1, ""), 0), "cuda") << "refused by make_runtime";
}

TEST(RankDevice, ASingleProcessTakesTheFirstGpu) {
  EXPECT_EQ(device_of_rank("auto", distributed::Topology(), 8), "cuda:0");
}

}  // namespace
}  // namespace mkt::session
