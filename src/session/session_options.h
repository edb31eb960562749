#pragma once
// Options of a process's device and of the other ranks. Fields are named as their options are.

#include <cstdint>
#include <string>

namespace mkt::session {

struct ComputeOptions {
  std::string device = "auto";     ///< "auto": a GPU if there is one; "cpu", "cuda" or "cuda:N"
  std::string precision = "fp32";  ///< "fp32", "tf32", "bf16" or "fp16"
  std::int64_t threads = 0;        ///< threads of matrix products; 0: one per processor
};

/// The ranks of a run that no launcher (torchrun, srun, mpirun) starts.
struct RankOptions {
  std::int64_t nproc_per_node = 0;  ///< ranks to start on this node; 0: this process is the only rank
  std::int64_t nnodes = 1;          ///< nodes of the run
  std::int64_t node_rank = 0;       ///< this node, from 0
  std::string master_addr;          ///< node 0's address; required if nnodes > 1
  std::int64_t master_port = 0;     ///< port on node 0; 0: a free one
  double timeout_seconds = 600;     ///< longest wait for another rank
};

}  // namespace mkt::session
