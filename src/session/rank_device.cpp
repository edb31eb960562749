#include "session/rank_device.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "core/text.h"

namespace mkt::session {

std::string device_of_rank(const std::string& device, const distributed::Topology& topology, int gpus) {
  TORCH_CHECK_VALUE(topology.local_size == 1 || !starts_with(device, "cuda:"), "device: expected cuda, ",
                    "of which each of the ", topology.local_size, " ranks on this node takes its own, got ",
                    device, ".");
  if ((device != "cuda" && device != "auto") || gpus == 0) return device;
  const bool own_gpu_each = gpus == 1 && topology.launcher != "torchrun";  // e.g. with srun --gpus-per-task=1
  TORCH_CHECK(own_gpu_each || topology.local_rank < gpus, "ranks: expected at most ", gpus,
              ", the number of visible GPUs, got ", topology.local_size,
              " on this node. Start fewer, or compute on the CPU.");
  return fmt::format("cuda:{}", own_gpu_each ? 0 : topology.local_rank);
}

}  // namespace mkt::session
