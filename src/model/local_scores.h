#pragma once
// Local scores: pools the products of an image's patches and a label.

#include "mkt/torch.h"

#include "mkt/model/pooling.h"

namespace mkt::model {

/// Computes the products patch·label: patches (B, P, D), label_emb (C, D) → (B, C, P). Patches are the last
/// dimension, so that they are pooled from contiguous memory.
torch::Tensor products_of(const torch::Tensor& patches, const torch::Tensor& label_emb);

/// Pools patches (B, P, D) for label_emb (C, D) → (B, C), differentiable in both: the plain statement, which
/// keeps all B·C·P products.
torch::Tensor local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb,
                           const LocalPooling& pooling);

/// Same without an autograd graph, one image at a time (32 on a GPU).
torch::Tensor local_scores_in_parts(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                    const LocalPooling& pooling);

/// Same with an autograd graph that keeps at most `products_at_once` numbers, or C·P (kTransport; others:
/// B·P) if they are more. The products of the other labels or images are recomputed in the backward pass.
torch::Tensor differentiable_local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                          const LocalPooling& pooling, std::int64_t products_at_once);

}  // namespace mkt::model
