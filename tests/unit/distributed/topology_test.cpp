#include "distributed/topology.h"

#include <gtest/gtest.h>

#include "mkt/core/error.h"

namespace mkt::distributed {
namespace {

Environment torchrun() {
  return {{"RANK", "5"},
          {"WORLD_SIZE", "8"},
          {"LOCAL_RANK", "1"},
          {"LOCAL_WORLD_SIZE", "4"},
          {"MASTER_ADDR", "n1"},
          {"MASTER_PORT", "29501"},
          {"TORCHELASTIC_USE_AGENT_STORE", "True"},
          {"TORCHELASTIC_RUN_ID", "job"},
          {"TORCHELASTIC_RESTART_COUNT", "2"}};
}

Environment slurm() {
  return {{"SLURM_PROCID", "5"},
          {"SLURM_NTASKS", "8"},
          {"SLURM_LOCALID", "1"},
          {"SLURM_NODELIST", "gpu[07-08]"},
          {"SLURM_NNODES", "2"},
          {"SLURM_NODEID", "1"},
          {"SLURM_JOB_ID", "4711"},
          {"SLURM_STEP_ID", "0"},
          {"SLURM_TASKS_PER_NODE", "4(x2)"}};
}

Environment open_mpi() {
  return {{"OMPI_COMM_WORLD_RANK", "3"},
          {"OMPI_COMM_WORLD_SIZE", "4"},
          {"OMPI_COMM_WORLD_LOCAL_RANK", "3"},
          {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}};
}

std::string error_of(const Environment& environment) {
  try {
    topology_from(environment);
  } catch (const std::exception& error) {
    return one_line(error);
  }
  return "no error";
}

TEST(Topology, IsASingleProcessWithoutALauncher) {
  const Topology topology = topology_from({{"PATH", "/bin"}, {"MASTER_ADDR", "n1"}});
  EXPECT_EQ(topology.rank, 0);
  EXPECT_EQ(topology.size, 1);
  EXPECT_EQ(topology.launcher, "");
  EXPECT_FALSE(has_launcher({{"PATH", "/bin"}}));
}

TEST(Topology, ReadsTorchrun) {
  const Topology topology = topology_from(torchrun());
  EXPECT_EQ(topology.rank, 5);
  EXPECT_EQ(topology.size, 8);
  EXPECT_EQ(topology.local_rank, 1);
  EXPECT_EQ(topology.local_size, 4);
  EXPECT_FALSE(topology.one_node());
  EXPECT_EQ(topology.master_addr, "n1");
  EXPECT_EQ(topology.master_port, 29501);
  EXPECT_TRUE(topology.agent_store);
  EXPECT_EQ(topology.run, "job/attempt_2");
  EXPECT_EQ(topology.launcher, "torchrun");
  EXPECT_TRUE(has_launcher(torchrun()));
}

TEST(Topology, LetsRankZeroHoldTheStoreWithoutAnAgent) {
  Environment environment = torchrun();
  environment["TORCHELASTIC_USE_AGENT_STORE"] = "False";
  EXPECT_FALSE(topology_from(environment).agent_store);
  environment.erase("TORCHELASTIC_USE_AGENT_STORE");
  EXPECT_FALSE(topology_from(environment).agent_store);
}

TEST(Topology, PrefersTorchrunToSlurm) {
  Environment environment = slurm();
  environment.merge(torchrun());
  EXPECT_EQ(topology_from(environment).launcher, "torchrun");
}

TEST(Topology, NeedsNoAddressAlone) {
  EXPECT_EQ(topology_from({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).size, 1);
  EXPECT_TRUE(has_launcher({{"RANK", "0"}, {"WORLD_SIZE", "1"}}));
}

TEST(Topology, NamesMissingAndInconsistentVariablesOfTorchrun) {
  const auto with = [](const std::string& name, const std::string& value) {
    Environment environment = torchrun();
    environment[name] = value;
    return error_of(environment);
  };
  EXPECT_EQ(error_of({{"RANK", "0"}}),
            "WORLD_SIZE: expected an integer of at least 1, got nothing. Check how the ranks are started.");
  EXPECT_EQ(with("RANK", ""),
            "RANK: expected an integer from 0 to 7, got nothing. Check how the ranks are started.");
  EXPECT_EQ(with("RANK", "8"),
            "RANK: expected an integer from 0 to 7, got '8'. Check how the ranks are started.");
  EXPECT_EQ(with("RANK", "1x"),
            "RANK: expected an integer from 0 to 7, got '1x'. Check how the ranks are started.");
  EXPECT_EQ(with("LOCAL_RANK", "4"),
            "LOCAL_WORLD_SIZE: expected an integer from 5 to 8, got '4'. Check how the ranks are started.");
  EXPECT_EQ(
      with("MASTER_PORT", "70000"),
      "MASTER_PORT: expected an integer from 1 to 65535, got '70000'. Check how the ranks are started.");
  EXPECT_EQ(
      with("MASTER_ADDR", ""),
      "MASTER_ADDR: expected the address of rank 0, since WORLD_SIZE is 8, got nothing. Check how the ranks "
      "are started.");
}

TEST(Topology, ReadsSlurm) {
  const Topology topology = topology_from(slurm());
  EXPECT_EQ(topology.rank, 5);
  EXPECT_EQ(topology.size, 8);
  EXPECT_EQ(topology.local_rank, 1);
  EXPECT_EQ(topology.local_size, 4);
  EXPECT_EQ(topology.master_addr, "gpu07");
  EXPECT_FALSE(topology.agent_store);
  EXPECT_EQ(topology.run, "4711.0");
  EXPECT_TRUE(has_launcher(slurm()));
  Environment other_task = slurm();
  other_task["SLURM_PROCID"] = "0";
  EXPECT_EQ(topology_from(other_task).master_port, topology.master_port);
  Environment other_job = slurm();
  other_job["SLURM_JOB_ID"] = "4712";
  EXPECT_NE(topology_from(other_job).master_port, topology.master_port);
}

TEST(Topology, ReadsSlurmWithUnevenNodes) {
  Environment environment = slurm();
  environment["SLURM_STEP_TASKS_PER_NODE"] = "3(x1),5";
  EXPECT_EQ(topology_from(environment).local_size, 5);
  environment["SLURM_LOCALID"] = "5";
  EXPECT_EQ(error_of(environment),
            "SLURM_LOCALID: expected less than this node's 5 tasks, got 5. Check how the ranks are started.");
}

TEST(Topology, TreatsASlurmBatchScriptAsASingleProcess) {
  Environment environment = slurm();
  environment.erase("SLURM_STEP_ID");
  EXPECT_EQ(topology_from(environment).size, 1);
  EXPECT_FALSE(has_launcher(environment));
}

TEST(Topology, TreatsAnInteractiveSlurmTaskAsNotLaunched) {
  Environment environment = slurm();
  environment["SLURM_NTASKS"] = "1";
  environment["SLURM_PROCID"] = "0";
  EXPECT_EQ(topology_from(environment).size, 1);
  EXPECT_FALSE(has_launcher(environment));
}

TEST(Topology, NamesMissingVariablesOfSlurm) {
  Environment environment = slurm();
  environment.erase("SLURM_NTASKS");
  EXPECT_EQ(error_of(environment),
            "SLURM_NTASKS: expected an integer of at least 1, got nothing. Check how the ranks are started.");
}

TEST(Topology, ReadsOpenMpi) {
  const Topology topology = topology_from(open_mpi());
  EXPECT_EQ(topology.rank, 3);
  EXPECT_EQ(topology.local_size, 4);
  EXPECT_EQ(topology.master_addr, "127.0.0.1");
  EXPECT_EQ(topology.master_port, 29500);
  EXPECT_EQ(topology.launcher, "Open MPI");
}

TEST(Topology, NeedsAnAddressIfOpenMpiSpansNodes) {
  Environment environment = open_mpi();
  environment["OMPI_COMM_WORLD_SIZE"] = "8";
  EXPECT_EQ(
      error_of(environment),
      "MASTER_ADDR: expected the address of rank 0, since the 8 ranks of Open MPI are on several nodes, got "
      "nothing. Export it to all ranks.");
  environment["MASTER_ADDR"] = "n1";
  environment["MASTER_PORT"] = "1234";
  EXPECT_EQ(topology_from(environment).master_addr, "n1");
  EXPECT_EQ(topology_from(environment).master_port, 1234);
}

TEST(FirstHost, ExpandsSlurmsLists) {
  EXPECT_EQ(first_host("n1"), "n1");
  EXPECT_EQ(first_host("n1,n2"), "n1");
  EXPECT_EQ(first_host("n[03-07,9]"), "n03");
  EXPECT_EQ(first_host("n[4],m1"), "n4");
  EXPECT_EQ(first_host("rack[1-2]-n[05,08].local,x"), "rack1-n05.local");
  EXPECT_EQ(first_host(""), "");
  EXPECT_EQ(first_host("n["), "");
}

}  // namespace
}  // namespace mkt::distributed
