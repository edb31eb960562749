#include "mkt/loss/multi_match.h"

#include <limits>

#include "loss/logits.h"

namespace mkt::loss {
namespace {

/// Columns of a rank's row.
enum Column : std::int64_t {
  kGreatest,       ///< largest scaled logit of an annotated pair
  kExponentials,   ///< sum of exp(scaled logit − kGreatest) over these pairs
  kPresent,        ///< number of present pairs
  kPresentLogits,  ///< sum of their scaled logits; NaN if a logit is not finite
  kImages,
};

/// Stands for the largest logit of a rank without annotated pairs: finite, so that no difference is NaN.
constexpr double kLowest = -1e30;

torch::Tensor gathered(const GatherRows& gather, const torch::Tensor& row) {
  return gather ? gather(row) : row.unsqueeze(0);
}

LossAndGradient match_and_gradient(const torch::Tensor& logits, const torch::Tensor& labels, double scale,
                                   const GatherRows& gather) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto images = static_cast<double>(logits.size(0));
  const torch::Tensor unknown = labels.eq(0).to(logits.device(), /*non_blocking=*/true);          // (B, C)
  const torch::Tensor present = labels.eq(1).to(logits.device(), true).to(logits.scalar_type());  // (B, C)
  const torch::Tensor scaled = logits * scale;                                                    // (B, C)
  const torch::Tensor annotated = scaled.masked_fill(unknown, -kInfinity);                        // (B, C)
  const torch::Tensor greatest =
      annotated.numel() > 0 ? annotated.max().clamp_min(kLowest) : scaled.new_full({}, kLowest);
  const torch::Tensor row = torch::stack(
      {greatest.to(torch::kFloat64), (annotated - greatest).exp_().sum(torch::kFloat64),
       present.sum(torch::kFloat64), (scaled * present).sum(torch::kFloat64) + zero_or_nan(logits),
       torch::full({}, images, logits.options().dtype(torch::kFloat64))});
  const torch::Tensor all = gathered(gather, row);  // (R, 5)
  const torch::Tensor top = all.select(1, kGreatest).max();
  const torch::Tensor total =
      top + (all.select(1, kExponentials) * (all.select(1, kGreatest) - top).exp()).sum().log();
  const torch::Tensor count = all.select(1, kPresent).sum();
  const torch::Tensor sum = all.select(1, kPresentLogits).sum();
  const torch::Tensor none = count.eq(0);
  const torch::Tensor divisor = count.clamp_min(1);
  const torch::Tensor factor = all.select(1, kImages).sum() * (scale / images);
  const torch::Tensor gradient = (annotated - total).exp_().sub_(present / divisor).mul_(factor);  // (B, C)
  return {(total - sum / divisor).masked_fill(none, 0).add_(sum * 0).to(logits.scalar_type()),
          gradient.masked_fill(none, 0)};
}

}  // namespace

torch::Tensor multi_match_loss(const torch::Tensor& logits, const torch::Tensor& labels, double scale,
                               const GatherRows& gather) {
  check_logits("multi-match loss", logits, labels);
  return with_gradient(
      logits, [&](const torch::Tensor& scores) { return match_and_gradient(scores, labels, scale, gather); });
}

void skip_multi_match_loss(const GatherRows& gather, const torch::Device& device) {
  gathered(gather, torch::tensor({kLowest, 0.0, 0.0, 0.0, 0.0}, torch::kFloat64).to(device));
}

}  // namespace mkt::loss
