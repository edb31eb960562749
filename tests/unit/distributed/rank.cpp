// Program that launcher and communicator tests run as a rank: `distributed_rank COMMAND [ARGUMENT ...]`.

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <thread>

#include "distributed/communicator.h"
#include "distributed/launcher.h"
#include "distributed/worker.h"
#include "mkt/core/error.h"

namespace {

using namespace mkt::distributed;
using Arguments = std::vector<std::string>;

volatile std::sig_atomic_t noted_signal = 0;

Communicator meet(int timeout_ms = 20000, std::int64_t bucket_bytes = 1 << 20) {
  CommunicatorOptions options;
  options.timeout = std::chrono::milliseconds(timeout_ms);
  options.start_timeout = std::chrono::seconds(30);
  options.bucket_bytes = bucket_bytes;
  return Communicator(topology_from_environment(), options);
}

void expect(bool holds, const std::string& what) {
  TORCH_CHECK(holds, what);
}

void check_sums(Communicator& ranks) {
  const int size = ranks.size();
  const double sum = size * (size + 1) / 2.0;  // 1 + ... + size
  const double own = ranks.rank() + 1;
  const torch::Tensor one = torch::full({3, 2}, own);
  ranks.all_reduce_sum(one);
  expect(one.equal(torch::full({3, 2}, sum)), "sum of one tensor");

  const torch::Tensor transposed = torch::full({4, 5}, own).t();
  const torch::Tensor parameter = torch::full({7}, own).requires_grad_();
  const std::vector<torch::Tensor> several = {torch::full({100}, own),
                                              torch::full({2, 3}, own, torch::kFloat64),
                                              torch::empty({0}),
                                              transposed,
                                              torch::full({}, own),
                                              torch::full({9}, own, torch::kInt64),
                                              parameter,
                                              torch::full({60, 3}, own)};
  ranks.all_reduce_sum(several);
  for (const torch::Tensor& tensor : several) {
    expect(tensor.equal(torch::full_like(tensor, sum)), c10::str("sum of a list, ", tensor.sizes()));
  }
}

/// Checks that sums are bit-identical on all ranks; otherwise the replicas would diverge.
void check_bit_equality(Communicator& ranks) {
  torch::manual_seed(ranks.rank());
  const torch::Tensor noise = torch::randn({1001});
  ranks.all_reduce_sum(noise);
  const torch::Tensor of_all = ranks.all_gather(noise.unsqueeze(0));
  expect(of_all.equal(of_all[0].expand_as(of_all)), "bit-equal sums");
}

void check_broadcasts(Communicator& ranks) {
  const int root = ranks.size() - 1;
  const std::vector<torch::Tensor> tensors = {torch::full({5}, ranks.rank()),
                                              torch::full({300}, ranks.rank() + 0.5)};
  ranks.broadcast(tensors, root);
  expect(tensors[0].equal(torch::full({5}, root)) && tensors[1].equal(torch::full({300}, root + 0.5)),
         "broadcast");
  const std::string text = ranks.is_main() ? std::string("head\0tail", 9) : "";
  expect(ranks.broadcast(text) == std::string("head\0tail", 9), "broadcast of bytes");
}

/// Checks gathers of unequal size: rank r contributes r rows, so rank 0 contributes none.
void check_gathers(Communicator& ranks) {
  for (const auto dtype : {torch::kFloat32, torch::kInt8, torch::kBool, torch::kBFloat16, torch::kInt64}) {
    const torch::Tensor shard = torch::full({ranks.rank(), 3}, ranks.rank(), dtype);
    std::vector<torch::Tensor> expected;
    for (int rank = 0; rank < ranks.size(); ++rank) expected.push_back(torch::full({rank, 3}, rank, dtype));
    const torch::Tensor gathered = ranks.all_gather(shard);
    expect(gathered.scalar_type() == dtype && gathered.equal(torch::cat(expected)),
           c10::str("gather of ", dtype));
  }
  std::vector<std::string> texts;
  for (int rank = 0; rank < ranks.size(); ++rank) texts.emplace_back(static_cast<std::size_t>(rank), 'x');
  expect(ranks.all_gather(texts[static_cast<std::size_t>(ranks.rank())]) == texts, "gather of bytes");
}

void check_mismatch(Communicator& ranks) {
  if (ranks.size() == 1) return;
  const bool last = ranks.rank() == ranks.size() - 1;
  std::string message;
  try {
    ranks.all_gather(torch::zeros({2, last ? 4 : 3}));
  } catch (const std::exception& error) {
    message = mkt::one_line(error);
  }
  const std::string expected =
      fmt::format("expected Float (N, [3]) as on rank 0, got Float (N, [4]) on rank {}", ranks.size() - 1);
  expect(message.find(expected) != std::string::npos, "mismatched gather: " + message);
}

int collectives(const Arguments& arguments) {
  Communicator ranks = meet(20000, 512);  // small buckets: several buckets, and a tensor larger than one
  expect(ranks.size() == std::stoi(arguments.at(0)), fmt::format("size {}", ranks.size()));
  check_sums(ranks);
  check_bit_equality(ranks);
  check_broadcasts(ranks);
  check_gathers(ranks);
  check_mismatch(ranks);
  expect(ranks.agree(ranks.rank() == ranks.size() - 1 ? 7 : -3) == 7, "agree");
  ranks.barrier();
  Communicator second = meet();  // a second communicator in the same process must work
  expect(second.agree(second.rank()) == second.size() - 1, "second world");
  return mkt::kExitDone;
}

/// Checks sums, gathers and agree() with CUDA tensors; each rank uses GPU number `local_rank`.
int gpus(const Arguments& /*arguments*/) {
  const Topology topology = topology_from_environment();
  CommunicatorOptions options;
  options.device = torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(topology.local_rank));
  options.bucket_bytes = 512;
  Communicator ranks(topology, options);
  const auto full = [&](std::vector<std::int64_t> sizes, double value) {
    return torch::full(sizes, value, options.device);
  };
  const std::vector<torch::Tensor> tensors = {full({3, 2}, 1.0), full({200}, 2.0), full({5}, 3.0)};
  ranks.all_reduce_sum(tensors);
  const double size = ranks.size();
  expect(tensors[0].equal(full({3, 2}, size)) && tensors[1].equal(full({200}, 2 * size)) &&
             tensors[2].equal(full({5}, 3 * size)),
         "sums on GPUs");
  const torch::Tensor gathered = ranks.all_gather(full({ranks.rank() + 1, 2}, ranks.rank()));
  expect(gathered.device() == options.device && gathered.sum().item<double>() == 4.0 && gathered.size(0) == 3,
         "gather on GPUs");
  expect(ranks.agree(ranks.rank()) == ranks.size() - 1, "agree beside NCCL");
  return mkt::kExitDone;
}

/// Writes its process id to FOLDER/RANK and calls agree repeatedly.
int agree_forever(const Arguments& arguments) {
  Communicator ranks = meet(std::stoi(arguments.at(0)));
  ranks.barrier();
  std::ofstream(fmt::format("{}/{}", arguments.at(1), ranks.rank())) << getpid() << std::endl;
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < end) {
    ranks.agree(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return mkt::kExitDone;
}

/// Rank 1 announces an error and exits; the others wait in barrier().
int announce(const Arguments& /*arguments*/) {
  Communicator ranks = meet();
  ranks.barrier();
  if (ranks.rank() == 1) {
    ranks.announce_failure("images.txt: line 7: no such image.");
    return mkt::kExitFailed;
  }
  ranks.barrier();
  return mkt::kExitDone;
}

/// Rank 1 sleeps longer than the timeout.
int slow(const Arguments& /*arguments*/) {
  Communicator ranks = meet();
  ranks.barrier();
  ranks.set_timeout(std::chrono::milliseconds(500));
  if (ranks.rank() == 1) std::this_thread::sleep_for(std::chrono::seconds(4));
  ranks.barrier();
  return mkt::kExitDone;
}

/// Runs until any rank receives SIGTERM; then all ranks exit with kExitTerminated.
int until_signal(const Arguments& arguments) {
  std::signal(SIGTERM, [](int signal) { noted_signal = signal; });
  Communicator ranks = meet();
  ranks.barrier();
  std::ofstream(fmt::format("{}/{}", arguments.at(0), ranks.rank())) << getpid() << std::endl;
  while (ranks.agree(noted_signal) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return mkt::kExitTerminated;
}

/// Rank RANK prints "first line" and "error: LINE" and exits with CODE; the other ranks sleep.
int exit_alone(const Arguments& arguments) {
  if (topology_from_environment().rank != std::stoi(arguments.at(0))) {
    std::this_thread::sleep_for(std::chrono::minutes(1));
    return mkt::kExitDone;
  }
  std::fprintf(stderr, "first line\n\x1B[31merror\x1B[0m: %s\n", arguments.at(2).c_str());
  return std::stoi(arguments.at(1));
}

int show_environment(const Arguments& arguments) {
  for (const std::string& name : arguments) {
    const char* value = std::getenv(name.c_str());
    std::fprintf(stderr, "%s=%s\n", name.c_str(), value == nullptr ? "" : value);
  }
  return mkt::kExitDone;
}

/// Launches N ranks that run this program with the remaining arguments.
int launch_ranks(const Arguments& arguments) {
  Arguments command = {own_arguments().at(0)};
  command.insert(command.end(), arguments.begin() + 1, arguments.end());
  LaunchOptions options;
  options.nproc_per_node = std::stoi(arguments.at(0));
  options.grace = std::chrono::seconds(2);
  const LaunchResult result = launch(command, options);
  if (!result.message.empty()) std::fprintf(stderr, "launch: %s\n", result.message.c_str());
  return result.exit_code;
}

int run(const std::string& what, const Arguments& arguments) {
  const std::map<std::string, std::function<int(const Arguments&)>> known = {
      {"collectives", collectives},
      {"gpus", gpus},
      {"agree-forever", agree_forever},
      {"announce", announce},
      {"slow", slow},
      {"until-signal", until_signal},
      {"exit-alone", exit_alone},
      {"environment", show_environment},
      {"launch", launch_ranks}};
  return known.at(what)(arguments);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    die_with_launcher();
    const Arguments arguments(argv + 1, argv + argc);
    return run(arguments.at(0), Arguments(arguments.begin() + 1, arguments.end()));
  } catch (const std::exception& error) {
    const std::string message = mkt::one_line(error);
    std::fprintf(stderr, "error: %s\n", message.c_str());
    write_error_file(message);
    return mkt::kExitFailed;
  }
}
