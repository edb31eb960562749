#pragma once
// The connected ranks of a run: store, process groups, and error messages for failed collectives.

#include "mkt/torch.h"

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "distributed/process_group.h"
#include "distributed/roll_call.h"

namespace mkt::distributed {

/// Two or more connected ranks.
class World {
 public:
  using Work = c10::intrusive_ptr<c10d::Work>;

  World(const Topology& topology, const CommunicatorOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  c10d::Backend& gloo() { return *gloo_; }
  /// The process group for the device of `tensor`. Throws ValueError if there is none.
  c10d::Backend& backend(const torch::Tensor& tensor);
  RollCall& roll_call() { return *roll_call_; }
  void set_timeout(std::chrono::milliseconds timeout);

  /// Calls `body`, which runs a collective to its end. Errors name the collective `call`.
  void run(const char* call, const std::function<void()>& body);
  /// Packs tensors into buckets and sends them. A bucket is packed while the previous one is sent.
  void in_buckets(const char* call, const std::vector<torch::Tensor>& tensors,
                  const std::function<Work(torch::Tensor&)>& send);
  /// bytes (n_r) uint8 → those of every rank, in rank order. For sending they are padded to the longest.
  std::vector<torch::Tensor> gather_bytes(const char* call, const torch::Tensor& bytes);

 private:
  void start();
  std::vector<torch::Tensor> gather_equal(const char* call, const torch::Tensor& own);
  std::string blame(const std::string& cause);

  Topology topology_;
  CommunicatorOptions options_;
  StorePtr store_;  // destroyed last: on rank 0 it may be the server
  std::optional<RollCall> roll_call_;
  BackendPtr gloo_;
  BackendPtr nccl_;
  bool failed_ = false;
};

}  // namespace mkt::distributed
