#pragma once
// Where to compute, and with which other ranks. Names are the flags', with underscores.

#include <cstdint>
#include <string>

#include "mkt/core/enum_names.h"

namespace mkt::session {

/// Of matrix products.
enum class Precision { kFp32, kTf32, kBf16, kFp16 };

struct ComputeOptions {
  std::string device = "auto";
  Precision precision = Precision::kFp32;
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

template <>
struct mkt::Names<mkt::session::Precision> {
  static constexpr NameTable<session::Precision, 4> kTable{{{session::Precision::kFp32, "fp32"},
                                                            {session::Precision::kTf32, "tf32"},
                                                            {session::Precision::kBf16, "bf16"},
                                                            {session::Precision::kFp16, "fp16"}}};
};
