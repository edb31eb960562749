#pragma once
// Means of the weights of several models.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "mkt/clip/weights.h"

namespace mkt::model {

/// Whether stage 1 or stage 2 may change the tensor, which has OpenAI's name ("visual.ln_post.weight").
bool is_trained(const std::string& name);

/// Throws ValueError ("alpha: …") unless `alpha` is in [0, 1].
void check_alpha(double alpha);

/// Returns (1 − alpha)·clip + alpha·tuned for each tensor of `tuned`, float32: computed in float64 and
/// rounded once. With alpha 0 the values are CLIP's and with 1 those of `tuned`, bit for bit. For alpha above
/// 0, tensors that no stage trains are those of `tuned`. Facts and file name are those of `tuned`. Throws
/// ValueError as check_alpha() does, and c10::Error naming the file and a tensor that is missing in `clip`,
/// has another shape or is not finite. Source: WiSE-FT, arXiv 2109.01903, section 3.
clip::Weights mixed_weights(const clip::Weights& clip, const clip::Weights& tuned, double alpha);

/// Returns the mean of tensors of one shape, float32: the float64 sum in the given order, divided by their
/// number. The mean of equal tensors is their value, bit for bit.
torch::Tensor mean_of(const std::vector<torch::Tensor>& tensors);

}  // namespace mkt::model
