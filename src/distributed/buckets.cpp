#include "distributed/buckets.h"

#include <map>
#include <string>
#include <utility>

namespace mkt::distributed {

using torch::Tensor;

void Bucket::flatten() {
  if (tensors.size() == 1 && tensors[0].is_contiguous()) {
    flat = tensors[0].view(-1);
    return;
  }
  std::vector<Tensor> pieces;
  for (const Tensor& tensor : tensors) pieces.push_back(tensor.reshape(-1));
  flat = torch::cat(pieces);
}

void Bucket::unflatten() {
  if (flat.is_alias_of(tensors[0])) return;
  std::int64_t start = 0;
  for (const Tensor& tensor : tensors) {
    tensor.copy_(flat.narrow(0, start, tensor.numel()).view(tensor.sizes()));
    start += tensor.numel();
  }
}

std::vector<Bucket> make_buckets(const std::vector<Tensor>& tensors, std::int64_t limit) {
  std::vector<Bucket> buckets;
  std::map<std::pair<torch::ScalarType, std::string>, std::pair<std::size_t, std::int64_t>>
      open;  // (dtype, device) → index of its last bucket, bytes in it
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    TORCH_CHECK_VALUE(tensors[i].defined(), "tensor ", i,
                      ": expected a defined tensor, got an undefined one. Leave it out.");
    const Tensor tensor = tensors[i].detach();
    if (tensor.numel() == 0) continue;
    const auto bytes = static_cast<std::int64_t>(tensor.nbytes());
    const auto [entry, fresh] = open.try_emplace({tensor.scalar_type(), tensor.device().str()}, 0, 0);
    auto& [index, filled] = entry->second;
    if (fresh || filled + bytes > limit) {
      index = buckets.size();
      filled = 0;
      buckets.emplace_back();
    }
    buckets[index].tensors.push_back(tensor);
    filled += bytes;
  }
  return buckets;
}

}  // namespace mkt::distributed
