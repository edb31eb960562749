#include "distributed/rank_world.h"

#include <c10/util/Logging.h>
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <numeric>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "core/text.h"
#include "distributed/buckets.h"
#include "mkt/core/error.h"

namespace mkt::distributed {
namespace {

using std::chrono::milliseconds;
using torch::Tensor;

constexpr const char* kNoNccl =
    "NCCL: expected a build with it for several GPUs, got one without. Install nccl.h and the CUDA headers "
    "(pip installs both with torch) and configure again, or run on CPUs or on one GPU.";

/// Silences c10d, which logs every lost connection with a stack trace; the errors thrown here have one line.
/// Does nothing if TORCH_CPP_LOG_LEVEL is set.
void silence_c10d() {
  constexpr int kErrors = 2;
  if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr) FLAGS_caffe2_log_level = kErrors;
}

std::string ranks_text(const std::vector<int>& ranks) {
  std::vector<std::string> texts;
  texts.reserve(ranks.size());
  for (const int rank : ranks) texts.push_back(std::to_string(rank));
  return (ranks.size() == 1 ? "rank " : "ranks ") + join(texts, ", ", 8);
}

std::string place(const Topology& topology) {
  return fmt::format("rank {} of {}", topology.rank, topology.size);
}

std::string store_address(const Topology& topology) {
  return fmt::format("{}:{}", topology.master_addr, topology.master_port);
}

/// Returns c10d's message without the source location at its start and the stack trace at its end.
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
  options.waitWorkers = false;  // meet() waits and names the missing ranks
  options.timeout = timeout;
  options.multiTenant = true;
  return c10::make_intrusive<c10d::TCPStore>(topology.master_addr, options);
}

/// Sets what this rank waits for, if it says so.
void say(WaitNotice* notice, const std::string& what) {
  if (notice != nullptr) notice->waits_for(what);
}

/// Waits until every rank has called this; throws an error that names the missing ranks after `timeout`.
void meet(c10d::Store& store, const Topology& topology, milliseconds timeout, WaitNotice* notice) {
  constexpr milliseconds kInterval{20};
  store.set(fmt::format("start/{}", topology.rank), "");
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<int> absent(static_cast<std::size_t>(topology.size));
  for (int rank = 0; rank < topology.size; ++rank) absent[static_cast<std::size_t>(rank)] = rank;
  while (true) {
    const auto present = [&](int rank) { return store.check({fmt::format("start/{}", rank)}); };
    absent.erase(std::remove_if(absent.begin(), absent.end(), present), absent.end());
    if (absent.empty()) return;
    say(notice, fmt::format("{} to connect to {}", ranks_text(absent), store_address(topology)));
    TORCH_CHECK(std::chrono::steady_clock::now() < deadline, place(topology), ": start: ", ranks_text(absent),
                " did not connect to ", store_address(topology), " within ",
                duration_text(std::chrono::duration<double>(timeout).count()),
                ". Start all ranks with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE.");
    std::this_thread::sleep_for(kInterval);
  }
}

/// Returns the number of worlds that this process has created so far. All ranks create them in the same
/// order, so the number identifies a world.
int next_world() {
  static std::atomic<int> made{0};
  return made++;
}

}  // namespace

World::World(const Topology& topology, const CommunicatorOptions& options)
    : topology_(topology), options_(options) {
  try {
    start();
  } catch (const std::exception& error) {
    const std::string message = short_message(error);
    const std::string where = place(topology_) + ": start: ";
    TORCH_CHECK(false, starts_with(message, where) ? "" : where, message);
  }
}

World::~World() {
  if (!nccl_) return;
  if (failed_) {
    nccl_->abort();
  } else {
    nccl_->shutdown();
  }
}

void World::start() {
  TORCH_CHECK(!options_.device.is_cuda() || has_nccl(), kNoNccl);
  silence_c10d();
  // On one rank per node, because every rank waits for the same ones; on a second one in case that is
  // missing.
  std::optional<WaitNotice> notice;
  constexpr std::chrono::seconds kSecond{5};
  if (topology_.local_rank == 0) notice.emplace(place(topology_), options_.start_timeout);
  if (topology_.local_rank == 1)
    notice.emplace(place(topology_), options_.start_timeout,
                   WaitNotice::Times{kSecond, WaitNotice::Times().every});
  connect_ranks(notice ? &*notice : nullptr);
}

void World::connect_ranks(WaitNotice* notice) {
  const bool as_server = topology_.rank == 0 && !topology_.agent_store;
  const std::string prefix = fmt::format("mkt/{}/world_{}", topology_.run, next_world());
  const auto open = [&](bool server) {
    return c10::make_intrusive<c10d::PrefixStore>(prefix, connect(topology_, options_.start_timeout, server));
  };
  const std::string holder = topology_.agent_store ? "the launcher of node 0" : "rank 0";
  say(notice, fmt::format("{} to open the store at {}", holder, store_address(topology_)));
  store_ = open(as_server);
  meet(*store_, topology_, options_.start_timeout, notice);
  say(notice, "the other ranks to connect over " + std::string(options_.device.is_cuda() ? "NCCL" : "Gloo"));
  roll_call_.emplace(open(false), topology_);
  gloo_ = make_gloo(c10::make_intrusive<c10d::PrefixStore>("gloo", store_), topology_, options_.timeout);
  if (options_.device.is_cuda()) {
    nccl_ = make_nccl(c10::make_intrusive<c10d::PrefixStore>("nccl", store_), topology_, options_.timeout);
  }
}

c10d::Backend& World::backend(const Tensor& tensor) {
  if (!tensor.is_cuda()) return *gloo_;
  TORCH_CHECK_VALUE(nccl_, "communicator: expected CPU tensors, got one on ", tensor.device(),
                    ". Set the CUDA device in CommunicatorOptions.");
  return *nccl_;
}

void World::set_timeout(milliseconds timeout) {
  options_.timeout = timeout;
  gloo_->setTimeout(timeout);
  if (nccl_) nccl_->setTimeout(timeout);
}

void World::run(const char* call, const std::function<void()>& body) {
  try {
    body();
  } catch (const c10::ValueError&) {
    throw;
  } catch (const std::exception& error) {
    failed_ = true;
    TORCH_CHECK(false, place(topology_), ": ", call, ": ", blame(short_message(error)));
  }
}

/// Describes the failure and names the failed ranks if the roll call finds them.
std::string World::blame(const std::string& cause) {
  RollCall::Verdict verdict = roll_call_->ask();
  verdict.reasons.erase(topology_.rank);
  if (!verdict.reasons.empty()) {
    const auto& [rank, reason] = *verdict.reasons.begin();
    return fmt::format("rank {} failed: {}", rank, reason);
  }
  const std::string waited =
      fmt::format("within {}", duration_text(std::chrono::duration<double>(options_.timeout).count()));
  const std::string how = is_timeout(cause) ? "no answer " + waited : cause;
  if (verdict.store_lost) {
    const std::string holder = topology_.agent_store ? "the launcher" : "rank 0";
    return fmt::format(
        "{}, which holds the store at {}, does not answer ({}). See the last lines that it printed.", holder,
        store_address(topology_), how);
  }
  if (!verdict.missing.empty()) {
    return fmt::format("{} ended, or was killed or stopped ({}). See the last lines that it printed.",
                       ranks_text(verdict.missing), how);
  }
  if (!is_timeout(cause)) return cause + ". All ranks are still running. Check the network between them.";
  return fmt::format(
      "no answer {}, but all ranks are still running. One is slow or at another step. If it is slow, raise "
      "the time-out.",
      waited);
}

void World::in_buckets(const char* call, const std::vector<Tensor>& tensors,
                       const std::function<Work(Tensor&)>& send) {
  const torch::NoGradGuard no_grad;
  std::vector<Bucket> buckets = make_buckets(tensors, options_.bucket_bytes);
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

/// Gathers `own` (n) from every rank: one tensor (n) per rank, in rank order.
std::vector<Tensor> World::gather_equal(const char* call, const Tensor& own) {
  std::vector<Tensor> inputs = {own};
  std::vector<std::vector<Tensor>> outputs(1);
  for (int rank = 0; rank < topology_.size; ++rank) outputs[0].push_back(torch::empty_like(own));
  run(call, [&] { backend(own).allgather(outputs, inputs)->wait(); });
  return outputs[0];
}

std::vector<Tensor> World::gather_bytes(const char* call, const Tensor& bytes) {
  std::vector<std::int64_t> lengths;
  for (const Tensor& length : gather_equal(call, torch::full({1}, bytes.numel(), torch::kInt64))) {
    lengths.push_back(length.item<std::int64_t>());
  }
  const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  if (longest == 0) return std::vector<Tensor>(lengths.size(), bytes);
  Tensor padded = torch::zeros({longest}, bytes.options());
  padded.narrow(0, 0, bytes.numel()).copy_(bytes);
  std::vector<Tensor> gathered = gather_equal(call, padded);
  for (std::size_t rank = 0; rank < gathered.size(); ++rank) {
    gathered[rank] = gathered[rank].narrow(0, 0, lengths[rank]);
  }
  return gathered;
}

}  // namespace mkt::distributed
