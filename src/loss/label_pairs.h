#pragma once
// The pairs of a present and an absent label in the same image, a bounded number at a time.

#include "mkt/torch.h"

#include <functional>

namespace mkt::loss {

/// Places of the present and the absent labels of B images.
struct LabelPairs {
  /// labels (B, C) in {-1, 0, 1}. On the CPU they are read without synchronising with the GPU.
  LabelPairs(const torch::Tensor& labels, const torch::Device& device);

  /// Calls visit(rows, columns) with the places (K) of the present labels, so many at a time that a tensor
  /// (K, C) has at most 2²⁰ elements, or one row.
  void for_each_chunk(const std::function<void(const torch::Tensor&, const torch::Tensor&)>& visit) const;

  torch::Tensor absent;   ///< (B, C) bool
  torch::Tensor present;  ///< (2, K): rows and columns
};

}  // namespace mkt::loss
