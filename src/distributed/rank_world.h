#pragma once
// Connections between the ranks of a run: store, process groups, and error messages for failed collectives.

#include "mkt/torch.h"

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "distributed/process_group.h"
#include "distributed/roll_call.h"
#include "distributed/wait_notice.h"

namespace mkt::distributed {

/// Connections between two or more ranks.
class World {
 public:
  using Work = c10::intrusive_ptr<c10d::Work>;

  World(const Topology& topology, const CommunicatorOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  c10d::Backend& gloo() { return *gloo_; }
  /// Returns the process group for the device of `tensor`. Throws ValueError if there is none.
  c10d::Backend& backend(const torch::Tensor& tensor);
  RollCall& roll_call() { return *roll_call_; }
  void set_timeout(std::chrono::milliseconds timeout);

  /// Calls `body`, which runs a collective and waits for its completion. Errors contain the collective's
  /// name, `call`.
  void run(const char* call, const std::function<void()>& body);
  /// Packs tensors into buckets and sends them. Each bucket is packed while the previous one is being sent.
  void in_buckets(const char* call, const std::vector<torch::Tensor>& tensors,
                  const std::function<Work(torch::Tensor&)>& send);
  /// Gathers bytes (n_r) uint8 from every rank, in rank order. Shorter tensors are padded for sending.
  std::vector<torch::Tensor> gather_bytes(const char* call, const torch::Tensor& bytes);

 private:
  void start();
  /// Names what this rank waits for at the start, on one rank per node.
  void connect_ranks(WaitNotice* notice);
  std::vector<torch::Tensor> gather_equal(const char* call, const torch::Tensor& own);
  std::string blame(const std::string& cause);

  Topology topology_;
  CommunicatorOptions options_;
  StorePtr store_;  // destroyed last: on rank 0 it may be the store's server
  std::optional<RollCall> roll_call_;
  BackendPtr gloo_;
  BackendPtr nccl_;
  bool failed_ = false;
};

}  // namespace mkt::distributed
