#include "distributed/communicator.h"

#include <algorithm>

#include "distributed/rank_world.h"

namespace mkt::distributed {
namespace {

using std::chrono::milliseconds;
using torch::Tensor;

Tensor to_bytes(const std::string& text) {
  const auto size = static_cast<std::int64_t>(text.size());
  Tensor bytes = torch::empty({size}, torch::kUInt8);
  std::copy(text.begin(), text.end(), bytes.data_ptr<std::uint8_t>());
  return bytes;
}

std::string to_text(const Tensor& bytes) {
  const auto* data = bytes.data_ptr<std::uint8_t>();
  return std::string(data, data + bytes.numel());
}

/// Returns the dtype and all sizes except the first, which must be equal on all ranks: "Float (N, [3])".
std::string kind_of(const Tensor& shard) {
  return c10::str(shard.scalar_type(), " (N", shard.dim() > 1 ? ", " : "", shard.sizes().slice(1), ")");
}

}  // namespace

Communicator::Communicator() = default;
Communicator::Communicator(const Topology& topology, const CommunicatorOptions& options)
    : topology_(topology) {
  if (topology.size > 1) world_ = std::make_unique<World>(topology, options);
}
Communicator::~Communicator() = default;
Communicator::Communicator(Communicator&&) noexcept = default;
Communicator& Communicator::operator=(Communicator&&) noexcept = default;

void Communicator::all_reduce_sum(Tensor tensor) {
  all_reduce_sum(std::vector<Tensor>{std::move(tensor)});
}

void Communicator::all_reduce_sum(const std::vector<Tensor>& tensors) {
  if (!world_) return;
  world_->in_buckets("all_reduce_sum", tensors, [this](Tensor& flat) {
    std::vector<Tensor> one = {flat};
    return world_->backend(flat).allreduce(one);
  });
}

void Communicator::broadcast(Tensor tensor, int root) {
  broadcast(std::vector<Tensor>{std::move(tensor)}, root);
}

void Communicator::broadcast(const std::vector<Tensor>& tensors, int root) {
  TORCH_CHECK_VALUE(0 <= root && root < size(), "root: expected a rank below ", size(), ", got ", root,
                    ". Name a rank of this run.");
  if (!world_) return;
  c10d::BroadcastOptions options;
  options.rootRank = root;
  world_->in_buckets("broadcast", tensors, [&](Tensor& flat) {
    std::vector<Tensor> one = {flat};
    return world_->backend(flat).broadcast(one, options);
  });
}

std::string Communicator::broadcast(const std::string& bytes, int root) {
  Tensor length = torch::full({1}, static_cast<std::int64_t>(bytes.size()), torch::kInt64);
  broadcast(length, root);
  Tensor content =
      rank() == root ? to_bytes(bytes) : torch::empty({length.item<std::int64_t>()}, torch::kUInt8);
  broadcast(content, root);
  return to_text(content);
}

Tensor Communicator::all_gather(const Tensor& shard) {
  TORCH_CHECK_VALUE(shard.dim() >= 1,
                    "all_gather: expected a tensor (N, ...), got a scalar. Add a dimension.");
  if (!world_) return shard;
  const torch::NoGradGuard no_grad;
  const std::vector<std::string> kinds = all_gather(kind_of(shard));
  for (std::size_t other = 1; other < kinds.size(); ++other) {
    TORCH_CHECK_VALUE(kinds[other] == kinds[0], "all_gather: expected ", kinds[0], " as on rank 0, got ",
                      kinds[other], " on rank ", other, ". Gather shards of one dtype and shape.");
  }
  const Tensor own = shard.detach().contiguous().view(-1).view(torch::kUInt8);
  std::vector<std::int64_t> sizes = shard.sizes().vec();
  std::int64_t row_bytes = static_cast<std::int64_t>(shard.element_size());
  for (std::size_t i = 1; i < sizes.size(); ++i) row_bytes *= sizes[i];
  std::vector<Tensor> shards;
  for (const Tensor& bytes : world_->gather_bytes("all_gather", own)) {
    sizes[0] = row_bytes == 0 ? 0 : bytes.numel() / row_bytes;
    shards.push_back(
        bytes.clone().view(shard.scalar_type()).view(sizes));  // clone() aligns the memory for the dtype
  }
  return torch::cat(shards);
}

std::vector<std::string> Communicator::all_gather(const std::string& bytes) {
  if (!world_) return {bytes};
  std::vector<std::string> texts;
  for (const Tensor& gathered : world_->gather_bytes("all_gather", to_bytes(bytes))) {
    texts.push_back(to_text(gathered));
  }
  return texts;
}

std::int64_t Communicator::agree(std::int64_t value) {
  if (!world_) return value;
  std::vector<Tensor> one = {torch::full({1}, value, torch::kInt64)};
  c10d::AllreduceOptions options;
  options.reduceOp = c10d::ReduceOp::MAX;
  world_->run("agree", [&] { world_->gloo().allreduce(one, options)->wait(); });
  return one[0].item<std::int64_t>();
}

void Communicator::barrier() {
  if (!world_) return;
  world_->run("barrier", [&] { world_->gloo().barrier()->wait(); });
}

void Communicator::set_timeout(milliseconds timeout) {
  if (world_) world_->set_timeout(timeout);
}

void Communicator::announce_failure(const std::string& message) noexcept {
  try {
    if (world_) world_->roll_call().announce(message);
  } catch (const std::exception&) {  // ignored: no other rank can be reached
  }
}

}  // namespace mkt::distributed
