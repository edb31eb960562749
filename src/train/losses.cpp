#include "train/losses.h"

namespace mkt::train {

torch::Tensor rows_with_positives(const torch::Tensor& labels) {
  return labels.eq(1).any(1).nonzero().flatten();  // (K)
}

}  // namespace mkt::train
