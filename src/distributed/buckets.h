#pragma once
// Tensors packed for the journey: a few large messages instead of many small ones.

#include "mkt/torch.h"

#include <cstdint>
#include <torch/csrc/distributed/c10d/Work.hpp>
#include <vector>

namespace mkt::distributed {

/// Tensors of one dtype and device that travel as one.
struct Bucket {
  std::vector<torch::Tensor> tensors;
  torch::Tensor flat;  // (sum of sizes); the tensor itself where it is alone and dense
  c10::intrusive_ptr<c10d::Work> work;

  /// Makes `flat` of the tensors, and the tensors of `flat`.
  void flatten();
  void unflatten();
};

/// Empty tensors are left out; a tensor larger than `limit` bytes has a bucket of its own. Throws
/// c10::ValueError on an undefined tensor.
std::vector<Bucket> make_buckets(const std::vector<torch::Tensor>& tensors, std::int64_t limit);

}  // namespace mkt::distributed
