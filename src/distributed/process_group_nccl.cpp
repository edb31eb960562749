// The only source file that includes the headers of NCCL and CUDA. In a build without them
// (cmake/Nccl.cmake), make_nccl() throws an error.
#ifdef MKT_WITH_NCCL
#define USE_C10D_NCCL

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "distributed/communicator.h"
#include "distributed/process_group.h"

namespace mkt::distributed {

#ifdef MKT_WITH_NCCL

bool has_nccl() {
  return true;
}

BackendPtr make_nccl(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, topology.rank, topology.size, options);
}

#else

bool has_nccl() {
  return false;
}

BackendPtr make_nccl(const StorePtr& /*store*/, const Topology& /*topology*/,
                     std::chrono::milliseconds /*timeout*/) {
  TORCH_CHECK(false,
              "NCCL: expected a build with it, got one without. Install its headers and configure again.");
}

#endif

}  // namespace mkt::distributed
