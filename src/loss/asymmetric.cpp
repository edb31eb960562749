#include "mkt/loss/asymmetric.h"

#include "loss/logits.h"

namespace mkt::loss {
namespace {

void check_exponent(const char* name, double exponent) {
  TORCH_CHECK_VALUE(exponent == 0 || exponent >= 1, name, ": expected 0 or at least 1, got ", exponent, ".");
}

}  // namespace

torch::Tensor asymmetric_loss(const torch::Tensor& logits, const torch::Tensor& labels,
                              const AsymmetricOptions& options) {
  check_logits("asymmetric loss", logits, labels);
  check_exponent("gamma_present", options.gamma_present);
  check_exponent("gamma_absent", options.gamma_absent);
  TORCH_CHECK_VALUE(0 < options.shift && options.shift < 1, "shift: expected a number in (0, 1), got ",
                    options.shift, ".");
  const torch::Tensor own = summable(logits);                           // (B, C)
  const torch::Tensor present = labels.eq(1).to(own.device(), true);    // (B, C)
  const torch::Tensor annotated = labels.ne(0).to(own.device(), true);  // (B, C)
  const torch::Tensor absence = torch::sigmoid(-own);                   // (B, C): 1 − p
  const torch::Tensor kept = (absence + options.shift).clamp_max(1);    // (B, C): 1 − q, ≥ shift
  const torch::Tensor of_present = absence.pow(options.gamma_present) * at::log_sigmoid(own);
  const torch::Tensor of_absent = (1 - kept).pow(options.gamma_absent) * kept.log();
  const torch::Tensor terms = torch::where(present, of_present, of_absent) * annotated;
  const torch::Tensor of_images = terms.sum(1).neg() / present.sum(1).clamp_min(1);  // (B)
  return of_images.mean() + zero_or_nan(own);
}

}  // namespace mkt::loss
