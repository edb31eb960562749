#pragma once
// Asymmetric binary cross-entropy for labels of which few are present.

#include "mkt/torch.h"

namespace mkt::loss {

/// Parameters of the asymmetric loss; the defaults are the published ones.
struct AsymmetricOptions {
  double gamma_present = 1;  ///< focusing exponent of present labels: 0, or at least 1
  double gamma_absent = 4;   ///< focusing exponent of absent labels: 0, or at least 1
  double shift = 0.05;       ///< probability below which an absent label has no loss, in (0, 1)
};

/// Asymmetric loss. With p = sigmoid(logit) and q = max(p − shift, 0), a present label's loss is
/// −(1 − p)^gamma_present · log p, and an absent label's −q^gamma_absent · log(1 − q). Per image: the sum
/// over its labels, divided by the number of present ones (at least 1), so that its size does not grow with
/// that number. The loss is the mean over the images.
///
/// logits (B, C) floating; labels (B, C) of any dtype, in {-1, 0, 1}: absent, not annotated, present; labels
/// that are not annotated have no loss → scalar, differentiable with respect to the logits. If a logit is not
/// finite, neither is the loss. Half-precision logits are summed in float32. Needs memory for about ten times
/// B × C numbers. Throws ValueError if the shapes differ, there are no images, the logits are not floating or
/// an option is out of range. Source: Ridnik et al., ICCV 2021, arXiv 2009.14119, eqs. 4 to 7.
torch::Tensor asymmetric_loss(const torch::Tensor& logits, const torch::Tensor& labels,
                              const AsymmetricOptions& options = {});

}  // namespace mkt::loss
