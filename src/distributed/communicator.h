#pragma once
// What the ranks of one run say to each other: c10d's process groups behind one small class.
//
// Every rank calls the same functions in the same order. CPU tensors travel over Gloo, CUDA tensors over
// NCCL. A failure anywhere is an error here, in one line that names the ranks at fault where they can be
// known: "rank 0 of 2: all_reduce_sum: rank 1 ended (Connection closed by peer). See what rank 1 printed
// last."

#include "mkt/torch.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "distributed/topology.h"

namespace mkt::distributed {

class World;

struct CommunicatorOptions {
  torch::Device device = torch::kCPU;  ///< where this rank computes; a CUDA device needs its index
  std::chrono::milliseconds timeout = std::chrono::minutes(10);       ///< longest wait in one call
  std::chrono::milliseconds start_timeout = std::chrono::minutes(5);  ///< longest wait for ranks to appear
  std::int64_t bucket_bytes = 25 << 20;  ///< tensors of a list travel together up to this size
};

class Communicator {
 public:
  /// A world of one: every call returns at once, no socket is opened.
  Communicator();
  /// Meets the other ranks. Throws c10::Error: the ranks that did not appear within start_timeout, an
  /// address that cannot be reached, a CUDA device in a build without NCCL.
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

  /// The sum over ranks, in place and bit-equal on all of them. Any dense tensor, same shape and dtype
  /// everywhere.
  void all_reduce_sum(torch::Tensor tensor);
  /// The same for each tensor, sent in buckets of one dtype and device; undefined tensors are an error.
  void all_reduce_sum(const std::vector<torch::Tensor>& tensors);

  /// The tensor (or all of a list, in buckets) of rank `root`, in place.
  void broadcast(torch::Tensor tensor, int root = 0);
  void broadcast(const std::vector<torch::Tensor>& tensors, int root = 0);
  std::string broadcast(const std::string& bytes, int root = 0);

  /// shard (N_r, ...), N_r may differ between ranks and be 0 → (N_0 + N_1 + ..., ...) in rank order, on every
  /// rank. Throws naming the ranks where dtype or the other sizes differ.
  torch::Tensor all_gather(const torch::Tensor& shard);
  /// Each rank's bytes, by rank, on every rank.
  std::vector<std::string> all_gather(const std::string& bytes);

  /// The largest of the ranks' numbers, the same on every rank: 1 where any rank noted a signal, say.
  std::int64_t agree(std::int64_t value);
  /// Returns when every rank has called it. Does not wait for work queued on a GPU.
  void barrier();

  /// Longest wait in one later call.
  void set_timeout(std::chrono::milliseconds timeout);

  /// Tells the other ranks why this one is about to end; their errors then quote it. Never throws, waits for
  /// nobody. For the handler of an exception that only this rank has.
  void announce_failure(const std::string& message) noexcept;

 private:
  Topology topology_;
  std::unique_ptr<World> world_;  // null in a world of one
};

/// Whether this build carries NCCL.
bool has_nccl();

}  // namespace mkt::distributed
