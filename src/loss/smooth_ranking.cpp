#include "mkt/loss/smooth_ranking.h"

#include "loss/label_pairs.h"
#include "loss/logits.h"

namespace mkt::loss {
namespace {

/// Adds the terms for all pairs of a present label, given by (rows, columns), and an absent label in the same
/// image: to sums (B), and to `gradient` (B, C) with respect to the scaled logits. At most four temporary
/// tensors (K, C) exist.
void add_softplus_pairs(const torch::Tensor& scaled, const torch::Tensor& absent, const torch::Tensor& rows,
                        const torch::Tensor& columns, torch::Tensor& sums, torch::Tensor& gradient) {
  const torch::Tensor present = scaled.index({rows, columns}).unsqueeze(1);     // (K, 1)
  const torch::Tensor among = absent.index_select(0, rows);                     // (K, C)
  const torch::Tensor difference = scaled.index_select(0, rows).sub_(present);  // (K, C): scale (s_n − s_p)
  sums.index_add_(0, rows, at::softplus(difference).mul_(among).sum(1));
  const torch::Tensor slope = difference.sigmoid_().mul_(among);  // (K, C)
  gradient.index_add_(0, rows, slope);
  gradient.index_put_({rows, columns}, slope.sum(1).neg_(), /*accumulate=*/true);
}

LossAndGradient softplus_and_gradient(const torch::Tensor& logits, const torch::Tensor& labels,
                                      double scale) {
  const LabelPairs pairs(labels, logits.device());
  const torch::Tensor scaled = logits * scale;              // (B, C)
  torch::Tensor sums = logits.new_zeros({logits.size(0)});  // (B)
  torch::Tensor gradient = torch::zeros_like(scaled);       // (B, C)
  pairs.for_each_chunk([&](const torch::Tensor& rows, const torch::Tensor& columns) {
    add_softplus_pairs(scaled, pairs.absent, rows, columns, sums, gradient);
  });
  torch::Tensor present = logits.new_zeros({logits.size(0)});  // (B)
  present.index_add_(0, pairs.present[0], logits.new_ones({pairs.present.size(1)}));
  const torch::Tensor count = present * pairs.absent.sum(1);  // (B): pairs of an image
  const torch::Tensor share = count.clamp_min(1).mul_(logits.size(0)).reciprocal_();  // (B)
  const torch::Tensor not_finite = zero_or_nan(logits);
  return {(sums * share).sum() + not_finite, gradient.mul_((share * scale).unsqueeze(1)).add_(not_finite)};
}

}  // namespace

torch::Tensor smooth_ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels, double scale) {
  check_logits("smooth ranking loss", logits, labels);
  return with_gradient(
      logits, [&](const torch::Tensor& scores) { return softplus_and_gradient(scores, labels, scale); });
}

}  // namespace mkt::loss
