#include "mkt/loss/ranking.h"

#include <algorithm>
#include <tuple>

#include "nn/autograd_function.h"

namespace mkt::loss {
namespace {

constexpr std::int64_t kPairsAtOnce = std::int64_t{1}
                                      << 20;  // maximum elements per temporary tensor; at most four exist
constexpr double kEpsilon = 1e-8;

/// Running sums over chunks of present labels.
struct Sums {
  torch::Tensor hinge;     ///< (B): sum of the positive hinge terms
  torch::Tensor violated;  ///< (B): number of positive hinge terms
  torch::Tensor gradient;  ///< (B, C): gradient of `hinge` with respect to the logits
};

/// Adds the terms for all pairs of a present label, given by (rows, columns), and an absent label in the same
/// image.
void add_pairs(const torch::Tensor& logits, const torch::Tensor& absent, const torch::Tensor& rows,
               const torch::Tensor& columns, Sums& sums) {
  const torch::Tensor present = logits.index({rows, columns}).unsqueeze(1);              // (K, 1)
  const torch::Tensor margin = logits.index_select(0, rows).add_(1).sub_(present);       // (K, C)
  const torch::Tensor active = margin.gt(0).logical_and_(absent.index_select(0, rows));  // (K, C)
  const torch::Tensor count = active.to(logits.scalar_type());                           // (K, C)
  const torch::Tensor violated = count.sum(1);                                           // (K)
  sums.hinge.index_add_(0, rows, margin.mul_(count).sum(1));
  sums.violated.index_add_(0, rows, violated);
  sums.gradient.index_add_(0, rows, count);
  sums.gradient.index_put_({rows, columns}, violated.neg(), /*accumulate=*/true);
}

/// Computes loss and gradient together: the hinge is piecewise linear, so both depend on the same pairs.
std::tuple<torch::Tensor, torch::Tensor> loss_and_gradient(const torch::Tensor& logits,
                                                           const torch::Tensor& labels) {
  const auto device = logits.device();
  const std::int64_t images = logits.size(0);
  const torch::Tensor absent = labels.eq(-1).to(device, /*non_blocking=*/true);           // (B, C)
  const torch::Tensor places = labels.eq(1).nonzero().t().contiguous().to(device, true);  // (2, K)
  const std::int64_t chunk =
      std::max<std::int64_t>(1, kPairsAtOnce / std::max<std::int64_t>(1, logits.size(1)));
  Sums sums{logits.new_zeros({images}), logits.new_zeros({images}), torch::zeros_like(logits)};
  for (std::int64_t k = 0; k < places.size(1); k += chunk) {
    const torch::Tensor some = places.narrow(1, k, std::min(chunk, places.size(1) - k));
    add_pairs(logits, absent, some[0], some[1], sums);
  }
  const torch::Tensor share = (sums.violated + kEpsilon).mul_(images).reciprocal_();  // (B)
  const torch::Tensor not_finite = logits.sum().mul_(0);  // 0, or NaN if a logit is not finite
  return {(sums.hinge * share).sum() + not_finite, sums.gradient.mul_(share.unsqueeze(1)).add_(not_finite)};
}

class RankingLoss : public torch::autograd::Function<RankingLoss> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& logits,
                               const torch::Tensor& labels) {
    const bool half = logits.scalar_type() == torch::kHalf || logits.scalar_type() == torch::kBFloat16;
    auto [loss, gradient] = loss_and_gradient(half ? logits.to(torch::kFloat32) : logits, labels);
    context->save_for_backward({gradient.to(logits.scalar_type())});
    return loss;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list outer) {
    const torch::Tensor gradient = context->get_saved_variables()[0];
    return {(gradient * outer[0]).to(gradient.scalar_type()), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  TORCH_CHECK_VALUE(logits.dim() == 2 && logits.sizes() == labels.sizes() && logits.size(0) > 0,
                    "ranking loss: expected logits and labels of one shape (images, classes), got ",
                    logits.sizes(), " and ", labels.sizes(), ". Pass the labels of the scored images.");
  TORCH_CHECK_VALUE(logits.is_floating_point(), "ranking loss: expected floating logits, got ",
                    logits.scalar_type(), ". Pass scores.");
  return RankingLoss::apply(logits, labels);
}

}  // namespace mkt::loss
