#pragma once
// Options for device, precision and ranks. Each field is named after its command-line option.

#include <cstdint>
#include <string>

#include "mkt/core/enum_names.h"

namespace mkt::session {

/// Number format of matrix products.
enum class Precision {
  kFp32,
  kTf32,  ///< fp32 with 10-bit mantissas, on GPUs only
  kBf16,  ///< bf16 by autocast
  kFp16,  ///< fp16 by autocast
};

struct ComputeOptions {
  std::string device = "auto";  ///< "auto": a GPU if there is one; "cpu", "cuda" or "cuda:N"
  Precision precision = Precision::kFp32;
  std::int64_t threads = 0;  ///< number of threads for matrix products; 0: one per processor
};

/// Options for starting the ranks of a run without a launcher (torchrun, srun, mpirun).
struct RankOptions {
  std::int64_t nproc_per_node = 0;  ///< ranks to start per node; 0: this process is the only rank
  std::int64_t nnodes = 1;          ///< number of nodes in the run
  std::int64_t node_rank = 0;       ///< index of this node, from 0
  std::string master_addr;          ///< node 0's address; required if nnodes > 1
  std::int64_t master_port = 0;     ///< port on node 0; 0: a free one
  double timeout_seconds = 600;     ///< maximum time to wait for another rank
};

}  // namespace mkt::session

template <>
struct mkt::Names<mkt::session::Precision> {
  static constexpr NameTable<session::Precision, 4> kTable{{{session::Precision::kFp32, "fp32"},
                                                            {session::Precision::kTf32, "tf32"},
                                                            {session::Precision::kBf16, "bf16"},
                                                            {session::Precision::kFp16, "fp16"}}};
};
