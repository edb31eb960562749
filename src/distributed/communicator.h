#pragma once
// Communication between the ranks of a run, on top of c10d's process groups.
//
// Every rank calls the same functions in the same order. CPU tensors are sent over Gloo, CUDA tensors over
// NCCL. If a rank fails, the others get a one-line error that names the failed ranks if they are known: "rank
// 0 of 2: all_reduce_sum: rank 1 ended, or was killed or stopped (Connection closed by peer). See the last
// lines that it printed."

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
  torch::Device device = torch::kCPU;  ///< device of this rank; a CUDA device must have an index
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  ///< maximum wait per call
  std::chrono::milliseconds start_timeout =
      std::chrono::minutes(5);           ///< maximum wait until all other ranks have started
  std::int64_t bucket_bytes = 25 << 20;  ///< maximum bucket size when a list is sent
};

/// Collectives between the ranks of a run.
class Communicator {
 public:
  /// Creates a communicator for a single rank: every call returns immediately, and no socket is opened.
  Communicator();
  /// Connects to the other ranks. Throws c10::Error if ranks do not start within start_timeout (the error
  /// names them), the address cannot be reached, or the device is a GPU and the build does not include NCCL.
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

  /// Replaces the tensor by its sum over all ranks, bit-identical on every rank. The tensor must be dense,
  /// with the same shape and dtype on every rank.
  void all_reduce_sum(torch::Tensor tensor);
  /// Replaces each tensor by its sum over all ranks. Tensors are sent in buckets, each with one dtype and
  /// device. Throws ValueError for an undefined tensor.
  void all_reduce_sum(const std::vector<torch::Tensor>& tensors);

  /// Replaces the tensor, or (in buckets) every tensor in the list, by that of rank `root`; the overload for
  /// bytes returns those of rank `root`.
  void broadcast(torch::Tensor tensor, int root = 0);
  void broadcast(const std::vector<torch::Tensor>& tensors, int root = 0);
  std::string broadcast(const std::string& bytes, int root = 0);

  /// Concatenates the shards in rank order, on every rank: shard (N_r, ...) → (N_0 + N_1 + ..., ...). N_r may
  /// differ between ranks and may be 0. Throws ValueError that names a rank whose dtype or other sizes
  /// differ.
  torch::Tensor all_gather(const torch::Tensor& shard);
  /// Returns the bytes from every rank, in rank order, on every rank.
  std::vector<std::string> all_gather(const std::string& bytes);

  /// Returns the maximum over all ranks, on every rank: for example, 1 if any rank has received a signal.
  std::int64_t agree(std::int64_t value);
  /// Returns after every rank has called it. Does not wait for work queued on a GPU.
  void barrier();

  /// Sets the maximum wait for later calls.
  void set_timeout(std::chrono::milliseconds timeout);

  /// Sends the other ranks the reason for this rank's failure; their errors then quote it. Never throws and
  /// does not wait for other ranks. Call it in the handler of an exception that occurs only on this rank.
  void announce_failure(const std::string& message) noexcept;

 private:
  Topology topology_;
  std::unique_ptr<World> world_;  // null for a single rank
};

/// Whether this build includes NCCL.
bool has_nccl();

}  // namespace mkt::distributed
