#pragma once
// Packs tensors into buckets: a few large messages instead of many small ones.

#include "mkt/torch.h"

#include <cstdint>
#include <torch/csrc/distributed/c10d/Work.hpp>
#include <vector>

namespace mkt::distributed {

/// Tensors of one dtype and device that are sent together.
struct Bucket {
  std::vector<torch::Tensor> tensors;
  torch::Tensor flat;  ///< (number of elements); a view of the tensor if it is the only one and contiguous
  c10::intrusive_ptr<c10d::Work> work;  ///< the collective in progress

  /// Copies the tensors to `flat`.
  void flatten();
  /// Copies `flat` back to the tensors.
  void unflatten();
};

/// Packs `tensors` into buckets of at most `limit` bytes. Empty tensors are skipped; a tensor larger than
/// `limit` gets its own bucket. Throws ValueError for an undefined tensor.
std::vector<Bucket> make_buckets(const std::vector<torch::Tensor>& tensors, std::int64_t limit);

}  // namespace mkt::distributed
