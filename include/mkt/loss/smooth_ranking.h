#pragma once
// A smooth form of the ranking loss.

#include "mkt/torch.h"

namespace mkt::loss {

/// Smooth ranking loss. Per image: mean of log(1 + exp(scale · (s_n − s_p))) over all pairs (present label p,
/// absent label n); 0 for an image without such a pair. The loss is the mean over the images. With equal
/// scores it is log 2.
///
/// Arguments, dtypes, devices, memory and errors as for ranking_loss(). A pair's gradient is largest while
/// the absent label outscores the present one and vanishes once 1 / scale is small against their distance.
/// Source: RankNet (Burges et al., ICML 2005), over the pairs of MKT's eq. 5.
torch::Tensor smooth_ranking_loss(const torch::Tensor& logits, const torch::Tensor& labels, double scale);

}  // namespace mkt::loss
