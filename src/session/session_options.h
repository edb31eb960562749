#pragma once
// Where to compute, and with which other ranks. Names are the flags', with underscores.

#include <cstdint>
#include <string>

namespace mkt::session {

struct ComputeOptions {
  std::string device = "auto";
  std::string precision = "fp32";
  std::int64_t threads = 0;  ///< for matrix products; 0: one per processor
};

/// The ranks of a run, where no launcher (torchrun, srun, mpirun) starts them.
struct RankOptions {
  std::int64_t nproc_per_node = 0;  ///< processes to start on this node; 0: this one alone
  std::int64_t nnodes = 1;
  std::int64_t node_rank = 0;
  std::string master_addr;       ///< node 0's address; needed where nnodes > 1
  std::int64_t master_port = 0;  ///< 0: a free one
  double timeout_seconds = 600;  ///< longest wait for another rank
};

}  // namespace mkt::session
