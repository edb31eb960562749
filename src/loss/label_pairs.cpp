#include "loss/label_pairs.h"

#include <algorithm>

namespace mkt::loss {
namespace {

constexpr std::int64_t kPairsAtOnce = std::int64_t{1} << 20;

}  // namespace

LabelPairs::LabelPairs(const torch::Tensor& labels, const torch::Device& device)
    : absent(labels.eq(-1).to(device, /*non_blocking=*/true)),
      present(labels.eq(1).nonzero().t().contiguous().to(device, /*non_blocking=*/true)) {}

void LabelPairs::for_each_chunk(
    const std::function<void(const torch::Tensor&, const torch::Tensor&)>& visit) const {
  const std::int64_t chunk =
      std::max<std::int64_t>(1, kPairsAtOnce / std::max<std::int64_t>(1, absent.size(1)));
  for (std::int64_t k = 0; k < present.size(1); k += chunk) {
    const torch::Tensor some = present.narrow(1, k, std::min(chunk, present.size(1) - k));
    visit(some[0], some[1]);
  }
}

}  // namespace mkt::loss
