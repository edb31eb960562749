#include "mkt/loss/ranking.h"

#include "loss/label_pairs.h"
#include "loss/logits.h"

namespace mkt::loss {
namespace {

constexpr double kEpsilon = 1e-8;

/// Running sums over chunks of present labels.
struct Sums {
  torch::Tensor hinge;     ///< (B): sum of the positive hinge terms
  torch::Tensor violated;  ///< (B): number of positive hinge terms
  torch::Tensor gradient;  ///< (B, C): gradient of `hinge` with respect to the logits
};

/// Adds the terms for all pairs of a present label, given by (rows, columns), and an absent label in the same
/// image. At most four temporary tensors (K, C) exist.
void add_hinge_pairs(const torch::Tensor& logits, double margin, const torch::Tensor& absent,
                     const torch::Tensor& rows, const torch::Tensor& columns, Sums& sums) {
  const torch::Tensor present = logits.index({rows, columns}).unsqueeze(1);                 // (K, 1)
  const torch::Tensor violation = logits.index_select(0, rows).add_(margin).sub_(present);  // (K, C)
  const torch::Tensor active = violation.gt(0).logical_and_(absent.index_select(0, rows));  // (K, C)
  const torch::Tensor count = active.to(logits.scalar_type());                              // (K, C)
  const torch::Tensor violated = count.sum(1);                                              // (K)
  sums.hinge.index_add_(0, rows, violation.mul_(count).sum(1));
  sums.violated.index_add_(0, rows, violated);
  sums.gradient.index_add_(0, rows, count);
  sums.gradient.index_put_({rows, columns}, violated.neg(), /*accumulate=*/true);
}

/// Computes loss and gradient together: the hinge is piecewise linear, so both depend on the same pairs.
LossAndGradient hinge_and_gradient(const torch::Tensor& logits, const torch::Tensor& labels, double margin) {
  const LabelPairs pairs(labels, logits.device());
  const std::int64_t images = logits.size(0);
  Sums sums{logits.new_zeros({images}), logits.new_zeros({images}), torch::zeros_like(logits)};
  pairs.for_each_chunk([&](const torch::Tensor& rows, const torch::Tensor& columns) {
    add_hinge_pairs(logits, margin, pairs.absent, rows, columns, sums);
  });
  const torch::Tensor share = (sums.violated + kEpsilon).mul_(images).reciprocal_();  // (B)
  const torch::Tensor not_finite = zero_or_nan(logits);
  return {(sums.hinge * share).sum() + not_finite, sums.gradient.mul_(share.unsqueeze(1)).add_(not_finite)};
}

}  // namespace

torch::Tensor ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels, double margin) {
  check_logits("ranking loss", logits, labels);
  return with_gradient(
      logits, [&](const torch::Tensor& scores) { return hinge_and_gradient(scores, labels, margin); });
}

}  // namespace mkt::loss
