#pragma once
// Which of how many processes this one is, as its launcher says.

#include <map>
#include <string>

namespace mkt::distributed {

inline constexpr int kLastPort = 65535;  ///< the largest TCP port

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// This process's place in the world. The defaults are a world of one, which needs no address.
struct Topology {
  int rank = 0;        ///< in [0, size)
  int size = 1;        ///< processes on all nodes
  int local_rank = 0;  ///< in [0, local_size); the number of this process's GPU
  int local_size = 1;  ///< processes on this node
  std::string master_addr;
  int master_port = 0;
  bool agent_store = false;  ///< the launcher holds the store; otherwise rank 0 does
  std::string run;           ///< tells apart runs, and restarts of one, that meet at one store
  std::string launcher;      ///< "torchrun" (its variables, whoever set them), "SLURM", "Open MPI" or ""

  bool one_node() const { return size == local_size; }
};

/// Reads the first of these that is there: torchrun's variables (RANK, WORLD_SIZE, LOCAL_RANK,
/// LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT, TORCHELASTIC_*), SLURM's (of a task that srun started:
/// SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID, the head of SLURM_NODELIST), Open MPI's
/// (OMPI_COMM_WORLD_*). MASTER_ADDR and MASTER_PORT go before what SLURM's or Open MPI's imply.
/// None of them: a world of one. Throws c10::Error naming the variable where they are incomplete or
/// contradict.
Topology topology_from(const Environment& environment);

/// The same from this process's environment.
Topology topology_from_environment();

/// Whether this process is a rank that a launcher started: torchrun's variables are there, or those of SLURM
/// or Open MPI name more than one task.
bool has_launcher(const Environment& environment);
bool has_launcher();

/// This process's environment.
Environment process_environment();

/// The first host of SLURM's node list: "rack1-[03-07,9],x" gives "rack1-03".
std::string first_host(const std::string& node_list);

}  // namespace mkt::distributed
