#pragma once
// Communication between the ranks of a run, on top of c10d's process groups.
//
// Every rank calls the same functions in the same order. CPU tensors are sent over Gloo, CUDA tensors over
// NCCL. If any rank fails, the others get an error of one line, which names the ranks at fault if they are
// known: "rank 0 of 2: all_reduce_sum: rank 1 ended, or was killed or stopped (Connection closed by peer).
// See the last lines that it printed."

#include "mkt/torch.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "distributed/topology.h"

namespace mkt::distributed {

class World;

/// Device and time-outs of a communicator.
struct CommunicatorOptions {
  torch::Device device = torch::kCPU;  ///< device of this rank; a CUDA device needs its index
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  ///< longest wait in a call
  std::chrono::milliseconds start_timeout =
      std::chrono::minutes(5);           ///< longest wait for other ranks to start
  std::int64_t bucket_bytes = 25 << 20;  ///< size up to which tensors of a list are sent together
};

/// The ranks of a run.
class Communicator {
 public:
  /// A single rank: every call returns immediately, and no socket is opened.
  Communicator();
  /// Connects to the other ranks. Throws c10::Error if ranks do not start within start_timeout (it names
  /// them), the address cannot be reached, or the device is a GPU and the build has no NCCL.
  explicit Communicator(const Topology& topology, const CommunicatorOptions& options = {});
  ~Communicator();
  Communicator(Communicator&&) noexcept;
  Communicator& operator=(Communicator&&) noexcept;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  int rank() const { return topology_.rank; }
  int size() const { return topology_.size; }
  bool is_main() const { return topology_.rank == 0; }
  const Topology& topology() const { return topology_; }

  /// Replaces the tensor by the sum over all ranks, which is bit-identical on all of them. Any dense tensor,
  /// of the same shape and dtype on every rank.
  void all_reduce_sum(torch::Tensor tensor);
  /// The same for each tensor, sent in buckets of one dtype and device. Throws ValueError for an undefined
  /// tensor.
  void all_reduce_sum(const std::vector<torch::Tensor>& tensors);

  /// Replaces the tensor (or all tensors of a list, in buckets) by that of rank `root`; bytes are returned.
  void broadcast(torch::Tensor tensor, int root = 0);
  void broadcast(const std::vector<torch::Tensor>& tensors, int root = 0);
  std::string broadcast(const std::string& bytes, int root = 0);

  /// shard (N_r, ...), where N_r may differ between ranks and be 0 → (N_0 + N_1 + ..., ...) in rank order, on
  /// every rank. Throws ValueError that names a rank whose dtype or other sizes differ.
  torch::Tensor all_gather(const torch::Tensor& shard);
  /// The bytes of every rank in rank order, on every rank.
  std::vector<std::string> all_gather(const std::string& bytes);

  /// The largest value of all ranks, on every rank: for example, 1 if any rank has noted a signal.
  std::int64_t agree(std::int64_t value);
  /// Returns after every rank has called it. Does not wait for work that is queued on a GPU.
  void barrier();

  /// Sets the longest wait in later calls.
  void set_timeout(std::chrono::milliseconds timeout);

  /// Sends the other ranks the reason why this one is about to end; their errors then quote it. Never throws
  /// and does not wait for other ranks. For handlers of exceptions that only this rank has.
  void announce_failure(const std::string& message) noexcept;

 private:
  Topology topology_;
  std::unique_ptr<World> world_;  // null for a single rank
};

/// Whether this build has NCCL.
bool has_nccl();

}  // namespace mkt::distributed
