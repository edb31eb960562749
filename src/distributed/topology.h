#pragma once
// Rank of this process and the number of ranks, read from the launcher's environment variables.

#include <map>
#include <string>

namespace mkt::distributed {

inline constexpr int kLastPort = 65535;  ///< highest TCP port

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// Rank of this process, number of ranks, and address of the store. The defaults describe a single process,
/// which needs no address.
struct Topology {
  int rank = 0;        ///< in [0, size)
  int size = 1;        ///< number of processes on all nodes
  int local_rank = 0;  ///< in [0, local_size); also the index of this process's GPU
  int local_size = 1;  ///< number of processes on this node
  std::string master_addr;
  int master_port = 0;
  bool agent_store = false;  ///< Whether the launcher hosts the store; otherwise rank 0 does.
  std::string run;           ///< identifies the run, and its restart, among those that share a store
  std::string
      launcher;  ///< "torchrun" (also for other launchers that set its variables), "SLURM", "Open MPI" or ""

  bool one_node() const { return size == local_size; }
};

/// Reads the first group of variables that is set: those of torchrun (RANK, WORLD_SIZE, LOCAL_RANK,
/// LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT, TORCHELASTIC_*), of SLURM for a task of srun (SLURM_PROCID,
/// SLURM_NTASKS, SLURM_LOCALID, the first host of SLURM_NODELIST), of Open MPI (OMPI_COMM_WORLD_*).
/// MASTER_ADDR and MASTER_PORT override the values that SLURM's or Open MPI's variables imply. Without any of
/// them: a single process. Throws c10::Error that names the variable if the variables are incomplete or
/// inconsistent.
Topology topology_from(const Environment& environment);

/// Calls topology_from() with this process's environment.
Topology topology_from_environment();

/// Whether a launcher has started this process as a rank: torchrun's variables are set, or those of SLURM or
/// Open MPI describe more than one task.
bool has_launcher(const Environment& environment);
/// Calls has_launcher(environment) with this process's environment.
bool has_launcher();

/// Returns this process's environment.
Environment process_environment();

/// Returns the first host in a SLURM node list: "rack1-[03-07,9],x" → "rack1-03".
std::string first_host(const std::string& node_list);

}  // namespace mkt::distributed
