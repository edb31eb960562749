#pragma once
// Optimal transport between an image's patches and the labels. Source: RAM (arXiv 2503.15337), with the
// constants of its published code.

#include "mkt/torch.h"

namespace mkt::model {

/// Weight of the plan's entropy beside the cost, which is in [0, 1].
inline constexpr double kTransportRegularisation = 0.1;
/// Divisor of the cosines in the patches' marginal.
inline constexpr double kTransportTemperature = 0.1;
/// Sinkhorn's iterations at most, and the sum of the patches' marginal errors at which an image's end.
inline constexpr std::int64_t kTransportIterations = 100;
inline constexpr double kTransportTolerance = 1e-3;

/// Computes for each image the transport plan T that minimises Σ T·cost − 0.1 · entropy(T) by Sinkhorn's
/// iterations, and returns C·T: cosines (B, C, P) float32 → (B, C, P), whose sum over the patches is 1 per
/// label. cost = 1 − softmax over the labels of scale·cosine. Marginals: a patch has the share softmax over
/// the patches of (its highest cosine / 0.1), a label 1/C. Not differentiable. An image's plan does not
/// depend on the other images. Memory: three times the cosines'.
torch::Tensor transport_weights(const torch::Tensor& cosines, double scale);

}  // namespace mkt::model
