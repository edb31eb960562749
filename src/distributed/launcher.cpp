#include "distributed/launcher.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "core/signal_queue.h"
#include "core/text.h"
#include "distributed/rank_process.h"
#include "distributed/topology.h"
#include "io/json.h"
#include "mkt/core/error.h"

namespace mkt::distributed {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using StorePtr = c10::intrusive_ptr<c10d::Store>;

void check(const LaunchOptions& options) {
  TORCH_CHECK_VALUE(options.nproc_per_node >= 1, "nproc-per-node: expected at least 1, got ",
                    options.nproc_per_node, ". Choose another number.");
  TORCH_CHECK_VALUE(options.nnodes >= 1, "nnodes: expected at least 1, got ", options.nnodes,
                    ". Choose another number.");
  TORCH_CHECK_VALUE(0 <= options.node_rank && options.node_rank < options.nnodes, "node-rank: expected 0 to ",
                    options.nnodes - 1, " (the run has ", options.nnodes, " nodes), got ", options.node_rank,
                    ". Number the nodes from 0.");
  TORCH_CHECK_VALUE(0 <= options.master_port && options.master_port <= kLastPort,
                    "master-port: expected 1 to 65535, got ", options.master_port, ". Choose another port.");
  if (options.nnodes == 1) return;
  TORCH_CHECK_VALUE(!options.master_addr.empty(), "master-addr: expected the address of node 0 (the run has ",
                    options.nnodes, " nodes), got none. Name it on all nodes.");
  TORCH_CHECK_VALUE(options.master_port > 0,
                    "master-port: expected a port that is free on node 0 (the run has ", options.nnodes,
                    " nodes), got none. Name it on all nodes.");
}

/// A temporary folder that is removed at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "mkt_launch_XXXXXX").string();
    TORCH_CHECK(mkdtemp(pattern.data()) != nullptr, pattern, ": cannot be created: ", std::strerror(errno),
                ". Set TMPDIR to a folder that can be written.");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

/// Starts the ranks of this node and manages them until all have ended.
class Launch {
 public:
  Launch(const std::vector<std::string>& arguments, const LaunchOptions& options);
  LaunchResult run();

 private:
  Environment environment(int local_rank) const;
  std::string error_file(int rank) const { return errors_.file(fmt::format("rank_{}.json", rank)); }
  bool any_running() const;
  void wait_for_event();
  void handle_signals();
  void reap();
  void judge(const RankProcess& process);
  void end_all(std::chrono::milliseconds grace);
  void keep_deadline();
  std::string describe(const RankProcess& process) const;
  std::string last_error(const RankProcess& process) const;

  LaunchOptions options_;
  int size_;
  SignalQueue signals_;  // constructed before the store, whose threads then block these signals
  TemporaryFolder errors_;
  StorePtr store_;
  std::vector<std::unique_ptr<RankProcess>> ranks_;
  std::set<int> forwarded_;
  std::optional<Clock::time_point> stop_deadline_;  // ranks still running at this time get SIGTERM
  std::optional<Clock::time_point> kill_deadline_;  // ranks still running at this time get SIGKILL
  LaunchResult result_;
};

StorePtr start_store(LaunchOptions& options) {
  if (options.node_rank > 0) return {};
  c10d::TCPStoreOptions store_options;
  store_options.port = static_cast<std::uint16_t>(options.master_port);
  store_options.isServer = true;
  store_options.waitWorkers = false;
  try {
    auto store = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", store_options);
    options.master_port = store->getPort();
    return store;
  } catch (const std::exception& error) {
    TORCH_CHECK(false, "master-port: expected a free port, got ", options.master_port, " (", one_line(error),
                "). Choose another, or, on one node, none.");
  }
}

Launch::Launch(const std::vector<std::string>& arguments, const LaunchOptions& options)
    : options_(options), size_(options.nproc_per_node * options.nnodes), store_(start_store(options_)) {
  if (options_.master_addr.empty()) options_.master_addr = "127.0.0.1";
  for (int local_rank = 0; local_rank < options_.nproc_per_node; ++local_rank) {
    const int rank = options_.node_rank * options_.nproc_per_node + local_rank;
    const bool raw_stderr = rank == 0 && isatty(STDERR_FILENO) == 1;  // the progress bar needs the terminal
    ranks_.push_back(std::make_unique<RankProcess>(rank, arguments, environment(local_rank), raw_stderr));
  }
}

Environment Launch::environment(int local_rank) const {
  const int rank = options_.node_rank * options_.nproc_per_node + local_rank;
  Environment variables = process_environment();
  variables["RANK"] = std::to_string(rank);
  variables["WORLD_SIZE"] = std::to_string(size_);
  variables["LOCAL_RANK"] = std::to_string(local_rank);
  variables["LOCAL_WORLD_SIZE"] = std::to_string(options_.nproc_per_node);
  variables["GROUP_RANK"] = std::to_string(options_.node_rank);
  variables["GROUP_WORLD_SIZE"] = std::to_string(options_.nnodes);
  variables["MASTER_ADDR"] = options_.master_addr;
  variables["MASTER_PORT"] = std::to_string(options_.master_port);
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  variables["TORCHELASTIC_RUN_ID"] = "mkt";
  variables["TORCHELASTIC_RESTART_COUNT"] = "0";
  variables["TORCHELASTIC_MAX_RESTARTS"] = "0";
  variables["TORCHELASTIC_ERROR_FILE"] = error_file(rank);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  variables.try_emplace("OMP_NUM_THREADS", std::to_string(std::max(1, cores / options_.nproc_per_node)));
  return variables;
}

LaunchResult Launch::run() {
  while (any_running()) {
    wait_for_event();
    for (const auto& process : ranks_) process->relay_stderr();
    handle_signals();
    reap();
    keep_deadline();
  }
  return result_;
}

bool Launch::any_running() const {
  return std::any_of(ranks_.begin(), ranks_.end(), [](const auto& process) { return process->running(); });
}

void Launch::wait_for_event() {
  constexpr int kLongestWait = 200;  // in ms; limits the wait so that keep_deadline() runs on time
  std::vector<pollfd> files = {{signals_.fd(), POLLIN, 0}};
  for (const auto& process : ranks_) {
    if (process->stderr_fd() >= 0) files.push_back({process->stderr_fd(), POLLIN, 0});
  }
  poll(files.data(), files.size(), kLongestWait);
}

void Launch::handle_signals() {
  for (int signal = signals_.next(); signal != 0; signal = signals_.next()) {
    if (signal == SIGCHLD) continue;
    forwarded_.insert(signal);
    for (const auto& process : ranks_) process->send_signal(signal);
  }
}

void Launch::reap() {
  std::vector<const RankProcess*> ended;
  for (const auto& process : ranks_) {
    if (process->reap()) ended.push_back(process.get());
  }
  for (const auto& process : ranks_) process->relay_stderr();
  // If several ranks have ended together, one killed by a signal is the more likely cause.
  std::stable_partition(ended.begin(), ended.end(),
                        [](const auto* process) { return process->end_signal() != 0; });
  for (const RankProcess* process : ended) judge(*process);
}

void Launch::judge(const RankProcess& process) {
  const int code = process.exit_code();
  if (code == kExitDone || result_.failed_rank >= 0) return;
  const bool stopped = code == kExitTerminated || code == kExitInterrupted;
  if (forwarded_.count(process.end_signal()) > 0 || (stopped && process.end_signal() == 0)) {
    if (result_.exit_code == 0) result_.exit_code = code;
    if (!stop_deadline_) stop_deadline_ = Clock::now() + options_.stop_grace;
    return;
  }
  result_.exit_code = code;
  result_.failed_rank = process.rank();
  result_.message = describe(process);
  end_all(options_.grace);
}

void Launch::end_all(std::chrono::milliseconds grace) {
  for (const auto& process : ranks_) process->send_signal(SIGTERM);
  kill_deadline_ = Clock::now() + grace;
}

void Launch::keep_deadline() {
  const auto now = Clock::now();
  if (stop_deadline_ && now >= *stop_deadline_ && result_.failed_rank < 0) {
    for (const auto& process : ranks_) {
      if (!process->running() || result_.failed_rank >= 0) continue;
      result_.failed_rank = process->rank();
      result_.exit_code = kExitFailed;
      result_.message = fmt::format(
          "rank {} of {} was still running {} after another rank had stopped, and was ended.",
          process->rank(), size_, duration_text(std::chrono::duration<double>(options_.stop_grace).count()));
    }
    end_all(options_.grace);
  }
  if (kill_deadline_ && now >= *kill_deadline_) {
    for (const auto& process : ranks_) process->send_signal(SIGKILL);
  }
}

std::string Launch::describe(const RankProcess& process) const {
  const std::string who = fmt::format("rank {} of {}", process.rank(), size_);
  const std::string error = last_error(process);
  std::string how = fmt::format(" exited with code {}", process.exit_code());
  if (process.end_signal() != 0) {
    const char* name = sigabbrev_np(process.end_signal());
    how = fmt::format(" was killed by signal {}{}", process.end_signal(),
                      name != nullptr ? fmt::format(" (SIG{})", name) : "");
  }
  return who + how + (error.empty() ? "." : ": " + error);
}

/// Returns a rank's last error: from its error file, which contains the exact message, or otherwise from its
/// stderr.
std::string Launch::last_error(const RankProcess& process) const {
  const nlohmann::json json = io::read_json(error_file(process.rank())).value_or(nullptr);
  const nlohmann::json::json_pointer message("/message/message");
  if (json.is_object() && json.contains(message) && json[message].is_string()) return json[message];
  return process.last_line();
}

}  // namespace

LaunchResult launch(const std::vector<std::string>& arguments, const LaunchOptions& options) {
  TORCH_CHECK_VALUE(!arguments.empty(),
                    "launch: expected a program and its arguments, got nothing. Name a program.");
  check(options);
  return Launch(arguments, options).run();
}

std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  TORCH_CHECK(!error && !arguments.empty(),
              "/proc/self: cannot be read. Mount /proc, or start the ranks with torchrun.");
  arguments[0] = program.string();
  return arguments;
}

}  // namespace mkt::distributed
