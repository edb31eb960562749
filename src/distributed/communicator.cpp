#include "mkt/distributed/communicator.h"

#include <atomic>
#include <optional>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "mkt/core/error.h"
#include "mkt/core/text.h"
#include "process_group.h"
#include "roll_call.h"

namespace mkt::distributed {
namespace {

using std::chrono::milliseconds;
using torch::Tensor;
using Work = c10::intrusive_ptr<c10d::Work>;

std::string ranks_text(const std::vector<int>& ranks) {
  std::vector<std::string> texts;
  for (const int rank : ranks) texts.push_back(cat(rank));
  return (ranks.size() == 1 ? "rank " : "ranks ") + join(texts, ", ", 8);
}

std::string place(const Topology& topology) {
  return cat("rank ", topology.rank, " of ", topology.size);
}

std::string store_address(const Topology& topology) {
  return cat(topology.master_addr, ":", topology.master_port);
}

/// c10d's message without the source file at its start and the stack trace at its end.
std::string short_message(const std::exception& error) {
  std::string message = one_line(error);
  if (!message.empty() && message.front() == '[') {
    const auto end = message.find("] ");
    if (end != std::string::npos) message.erase(0, end + 2);
  }
  const auto trace = message.find(" Exception raised from ");
  return trim(message.substr(0, trace));
}

bool is_timeout(const std::string& message) {
  return message.find("imed out") != std::string::npos || message.find("imeout") != std::string::npos;
}

StorePtr connect(const Topology& topology, milliseconds timeout, bool as_server) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(topology.master_port);
  options.isServer = as_server;
  options.waitWorkers = false;  // meet() waits, and names those who do not come
  options.timeout = timeout;
  options.multiTenant = true;
  return c10::make_intrusive<c10d::TCPStore>(topology.master_addr, options);
}

/// Waits until every rank has reached this point.
void meet(c10d::Store& store, const Topology& topology, milliseconds timeout) {
  constexpr milliseconds kInterval{20};
  store.set(cat("start/", topology.rank), "");
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<int> absent(static_cast<std::size_t>(topology.size));
  for (int rank = 0; rank < topology.size; ++rank) absent[static_cast<std::size_t>(rank)] = rank;
  while (true) {
    const auto present = [&](int rank) { return store.check({cat("start/", rank)}); };
    absent.erase(std::remove_if(absent.begin(), absent.end(), present), absent.end());
    if (absent.empty()) return;
    TORCH_CHECK(std::chrono::steady_clock::now() < deadline, place(topology), ": start: ", ranks_text(absent),
                " did not come to ", store_address(topology), " within ",
                duration_text(std::chrono::duration<double>(timeout).count()),
                ". Check that all ranks were started with one MASTER_ADDR, MASTER_PORT and WORLD_SIZE.");
    std::this_thread::sleep_for(kInterval);
  }
}

/// Worlds that this process made so far: ranks make them in one order, so the number tells them apart.
int next_world() {
  static std::atomic<int> made{0};
  return made++;
}

/// Tensors of one dtype and device that travel as one.
struct Bucket {
  std::vector<Tensor> tensors;
  Tensor flat;  // (sum of sizes); the tensor itself where it is alone and dense
  Work work;

  void flatten() {
    if (tensors.size() == 1 && tensors[0].is_contiguous()) {
      flat = tensors[0].view(-1);
      return;
    }
    std::vector<Tensor> pieces;
    for (const Tensor& tensor : tensors) pieces.push_back(tensor.reshape(-1));
    flat = torch::cat(pieces);
  }

  void unflatten() {
    if (flat.is_alias_of(tensors[0])) return;
    std::int64_t start = 0;
    for (const Tensor& tensor : tensors) {
      tensor.copy_(flat.narrow(0, start, tensor.numel()).view(tensor.sizes()));
      start += tensor.numel();
    }
  }
};

std::vector<Bucket> make_buckets(const std::vector<Tensor>& tensors, std::int64_t limit) {
  std::vector<Bucket> buckets;
  std::map<std::pair<torch::ScalarType, std::string>, std::pair<std::size_t, std::int64_t>>
      open;  // index, bytes
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    TORCH_CHECK_VALUE(tensors[i].defined(), "tensor ", i,
                      ": expected a defined tensor. Leave out what is undefined.");
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

/// dtype and sizes behind the first: what all shards must share.
std::string kind_of(const Tensor& shard) {
  return cat(shard.scalar_type(), " (N", shard.dim() > 1 ? ", " : "", shard.sizes().slice(1), ")");
}

}  // namespace

struct Communicator::World {
  World(const Topology& topology_, const CommunicatorOptions& options_)
      : topology(topology_), options(options_) {
    try {
      start();
    } catch (const std::exception& error) {
      const std::string message = short_message(error);
      const std::string where = place(topology) + ": start: ";
      TORCH_CHECK(false, message.rfind(where, 0) == 0 || message.rfind("NCCL", 0) == 0 ? "" : where, message);
    }
  }

  ~World() {
    if (!nccl) return;
    if (failed) {
      nccl->abort();
    } else {
      nccl->shutdown();
    }
  }

  void start() {
    const bool as_server = topology.rank == 0 && !topology.agent_store;
    const std::string prefix = cat("mkt/", topology.run, "/world_", next_world());
    const auto open = [&](bool server) {
      return c10::make_intrusive<c10d::PrefixStore>(prefix, connect(topology, options.start_timeout, server));
    };
    store = open(as_server);
    meet(*store, topology, options.start_timeout);
    roll_call.emplace(open(false), topology);
    gloo = make_gloo(c10::make_intrusive<c10d::PrefixStore>("gloo", store), topology, options.timeout);
    if (options.device.is_cuda()) {
      nccl = make_nccl(c10::make_intrusive<c10d::PrefixStore>("nccl", store), topology, options.timeout);
    }
  }

  c10d::Backend& backend(const Tensor& tensor) {
    if (!tensor.is_cuda()) return *gloo;
    TORCH_CHECK_VALUE(nccl, "communicator: expected CPU tensors, got one on ", tensor.device(),
                      ". Name the CUDA device in CommunicatorOptions.");
    return *nccl;
  }

  /// Starts and awaits a collective; its errors become ours.
  template <typename Body>
  void run(const char* call, const Body& body) {
    try {
      body();
    } catch (const c10::ValueError&) {
      throw;
    } catch (const std::exception& error) {
      failed = true;
      TORCH_CHECK(false, place(topology), ": ", call, ": ", blame(short_message(error)));
    }
  }

  std::string blame(const std::string& cause) {
    RollCall::Verdict verdict = roll_call->ask();
    verdict.reasons.erase(topology.rank);
    if (!verdict.reasons.empty()) {
      const auto& [rank, reason] = *verdict.reasons.begin();
      return cat("rank ", rank, " failed: ", reason);
    }
    const std::string waited =
        cat("within ", duration_text(std::chrono::duration<double>(options.timeout).count()));
    const std::string how = is_timeout(cause) ? "no answer " + waited : cause;
    if (verdict.store_lost) {
      const std::string holder = topology.agent_store ? "the launcher" : "rank 0";
      return cat(holder, ", which holds the store at ", store_address(topology), ", does not answer (", how,
                 "). See what it printed last.");
    }
    if (!verdict.missing.empty()) {
      return cat(ranks_text(verdict.missing), " ended, or was killed or stopped (", how,
                 "). See what it printed last.");
    }
    if (!is_timeout(cause)) return cause + ". All ranks still run; check the network between them.";
    return cat("no answer ", waited,
               ", though all ranks still run. One is slower than that, or at another step; "
               "raise the time-out if it is slow.");
  }

  Topology topology;
  CommunicatorOptions options;
  StorePtr store;  // ends last: on rank 0 it may be the server
  std::optional<RollCall> roll_call;
  BackendPtr gloo;
  BackendPtr nccl;
  bool failed = false;

  void in_buckets(const char* call, const std::vector<Tensor>& tensors,
                  const std::function<Work(Tensor&)>& send);
  std::vector<Tensor> gather_bytes(const char* call, const Tensor& bytes);
};

/// Sends bucket by bucket; the next is packed while one is under way.
void Communicator::World::in_buckets(const char* call, const std::vector<Tensor>& tensors,
                                     const std::function<Work(Tensor&)>& send) {
  const torch::NoGradGuard no_grad;
  std::vector<Bucket> buckets = make_buckets(tensors, options.bucket_bytes);
  const auto finish = [](Bucket& bucket) {
    bucket.work->wait();
    bucket.unflatten();
    bucket.flat = Tensor();
  };
  run(call, [&] {
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      buckets[i].flatten();
      buckets[i].work = send(buckets[i].flat);
      if (i > 0) finish(buckets[i - 1]);
    }
    if (!buckets.empty()) finish(buckets.back());
  });
}

/// bytes (n_r) uint8 → every rank's, by rank. Padded to the longest on the way.
std::vector<Tensor> Communicator::World::gather_bytes(const char* call, const Tensor& bytes) {
  const auto gather = [&](Tensor own, std::int64_t width) {
    std::vector<Tensor> inputs = {std::move(own)};
    std::vector<std::vector<Tensor>> outputs(1);
    for (int rank = 0; rank < topology.size; ++rank) {
      outputs[0].push_back(torch::empty({width}, inputs[0].options()));
    }
    run(call, [&] { backend(inputs[0]).allgather(outputs, inputs)->wait(); });
    return outputs[0];
  };
  std::vector<std::int64_t> lengths;
  for (const Tensor& length : gather(torch::full({1}, bytes.numel(), torch::kInt64), 1)) {
    lengths.push_back(length.item<std::int64_t>());
  }
  const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  if (longest == 0) return std::vector<Tensor>(lengths.size(), bytes);
  Tensor padded = torch::zeros({longest}, bytes.options());
  padded.narrow(0, 0, bytes.numel()).copy_(bytes);
  std::vector<Tensor> gathered = gather(padded, longest);
  for (std::size_t rank = 0; rank < gathered.size(); ++rank) {
    gathered[rank] = gathered[rank].narrow(0, 0, lengths[rank]);
  }
  return gathered;
}

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
    bytes_sent_ += static_cast<std::int64_t>(flat.nbytes());
    std::vector<Tensor> one = {flat};
    return world_->backend(flat).allreduce(one);
  });
}

void Communicator::broadcast(Tensor tensor, int root) {
  broadcast(std::vector<Tensor>{std::move(tensor)}, root);
}

void Communicator::broadcast(const std::vector<Tensor>& tensors, int root) {
  TORCH_CHECK_VALUE(0 <= root && root < size(), "root: expected a rank below ", size(), ", got ", root, ".");
  if (!world_) return;
  c10d::BroadcastOptions options;
  options.rootRank = root;
  world_->in_buckets("broadcast", tensors, [&](Tensor& flat) {
    if (rank() == root) bytes_sent_ += static_cast<std::int64_t>(flat.nbytes());
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
                      kinds[other], " on rank ", other, ". Gather shards of one kind.");
  }
  const Tensor own = shard.detach().contiguous().view(-1).view(torch::kUInt8);
  bytes_sent_ += own.numel();
  std::vector<std::int64_t> sizes = shard.sizes().vec();
  std::int64_t row_bytes = static_cast<std::int64_t>(shard.element_size());
  for (std::size_t i = 1; i < sizes.size(); ++i) row_bytes *= sizes[i];
  std::vector<Tensor> shards;
  for (const Tensor& bytes : world_->gather_bytes("all_gather", own)) {
    sizes[0] = row_bytes == 0 ? 0 : bytes.numel() / row_bytes;
    shards.push_back(bytes.clone().view(shard.scalar_type()).view(sizes));  // clone: aligned for its dtype
  }
  return torch::cat(shards);
}

std::vector<std::string> Communicator::all_gather(const std::string& bytes) {
  if (!world_) return {bytes};
  bytes_sent_ += static_cast<std::int64_t>(bytes.size());
  std::vector<std::string> texts;
  for (const Tensor& gathered : world_->gather_bytes("all_gather", to_bytes(bytes))) {
    texts.push_back(to_text(gathered));
  }
  return texts;
}

std::int64_t Communicator::agree(std::int64_t value) {
  if (!world_) return value;
  std::vector<Tensor> one = {torch::full({1}, value, torch::kInt64)};
  bytes_sent_ += static_cast<std::int64_t>(sizeof(value));
  c10d::AllreduceOptions options;
  options.reduceOp = c10d::ReduceOp::MAX;
  world_->run("agree", [&] { world_->gloo->allreduce(one, options)->wait(); });
  return one[0].item<std::int64_t>();
}

void Communicator::barrier() {
  if (!world_) return;
  world_->run("barrier", [&] { world_->gloo->barrier()->wait(); });
}

void Communicator::set_timeout(milliseconds timeout) {
  if (!world_) return;
  world_->options.timeout = timeout;
  world_->gloo->setTimeout(timeout);
  if (world_->nccl) world_->nccl->setTimeout(timeout);
}

void Communicator::announce_failure(const std::string& message) noexcept {
  try {
    if (world_) world_->roll_call->announce(message);
  } catch (const std::exception&) {  // nobody left to tell
  }
}

}  // namespace mkt::distributed
