#include "session/session.h"

#include <csignal>

#include "core/log.h"
#include "core/stop.h"
#include "distributed/launcher.h"
#include "distributed/worker.h"
#include "io/json.h"
#include "mkt/core/error.h"
#include "session/rank_device.h"

namespace mkt::session {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// Replaces the requested device with this rank's own. Counts GPUs only if one may be used, because counting
/// them starts the driver.
ComputeOptions on_own_device(ComputeOptions compute, const distributed::Topology& topology) {
  const bool may_use_gpu = compute.device == "cuda" || compute.device == "auto";
  const auto gpus = static_cast<int>(may_use_gpu ? torch::cuda::device_count() : 0);
  compute.device = device_of_rank(compute.device, topology, gpus);
  return compute;
}

}  // namespace

std::optional<int> launch_ranks(const RankOptions& options) {
  if (options.nproc_per_node == 0 || distributed::has_launcher()) {
    TORCH_CHECK_VALUE(options.nnodes == 1 || distributed::has_launcher(),
                      "nnodes: expected 1 without ranks to start per node, got ", options.nnodes,
                      ". Set the number of ranks per node as well.");
    return std::nullopt;
  }
  distributed::LaunchOptions launch;
  launch.nproc_per_node = static_cast<int>(options.nproc_per_node);
  launch.nnodes = static_cast<int>(options.nnodes);
  launch.node_rank = static_cast<int>(options.node_rank);
  launch.master_addr = options.master_addr;
  launch.master_port = static_cast<int>(options.master_port);
  const auto result = distributed::launch(distributed::own_arguments(), launch);
  if (!result.message.empty()) log::error(result.message);
  return result.exit_code;
}

Session start_session(const ComputeOptions& compute, const RankOptions& ranks) {
  distributed::die_with_launcher();
  const distributed::Topology topology = distributed::topology_from_environment();
  TORCH_CHECK_VALUE(
      ranks.nproc_per_node == 0 || ranks.nproc_per_node == topology.local_size || topology.launcher.empty(),
      "nproc-per-node: expected ", topology.local_size, ", the ranks that ", topology.launcher,
      " started on this node, got ", ranks.nproc_per_node, ". Do not set it under a launcher.");
  if (topology.rank > 0) log::set_console(log::Level::kWarning);
  const Runtime runtime = make_runtime(on_own_device(compute, topology));
  distributed::CommunicatorOptions options;
  options.device = runtime.device;
  options.timeout = duration_cast<milliseconds>(std::chrono::duration<double>(ranks.timeout_seconds));
  options.start_timeout = options.timeout;
  Session session{distributed::Communicator(topology, options), runtime};
  if (session.ranks.size() > 1) log::info("{} ranks are connected", session.ranks.size());
  return session;
}

std::string with_announced_failure(Session& session, const std::function<std::string()>& body) {
  try {
    return body();
  } catch (const Stopped&) {  // thrown on every rank
    throw;
  } catch (const std::exception& error) {
    session.ranks.announce_failure(one_line(error));
    throw;
  }
}

void check_ranks_agree(const nlohmann::ordered_json& values, Session& session) {
  std::vector<nlohmann::ordered_json> of_ranks;
  for (const std::string& text : session.ranks.all_gather(io::json_text(values))) {
    of_ranks.push_back(nlohmann::ordered_json::parse(text));
  }
  check_values_agree(of_ranks);
}

void check_values_agree(const std::vector<nlohmann::ordered_json>& of_ranks) {
  for (std::size_t rank = 1; rank < of_ranks.size(); ++rank) {
    for (const auto& [name, value] : of_ranks.front().items()) {
      const auto other = of_ranks[rank].value(name, nlohmann::ordered_json());
      TORCH_CHECK_VALUE(other == value, "ranks: rank 0 runs with ", name, " = ", value.dump(), ", rank ",
                        rank, " with ", other.dump(), ". Start all ranks with the same command and data.");
    }
  }
}

void stop_if_asked(Session& session) {
  if (const int signal = agreed_stop(session)) throw Stopped(signal);
}

int agreed_stop(Session& session) {
  // SIGUSR1 is handled as SIGTERM.
  const std::int64_t noted = stop_signal() == 0 ? 0 : stop_signal() == SIGINT ? 1 : 2;
  const std::int64_t agreed = session.ranks.agree(noted);
  return agreed == 0 ? 0 : agreed == 1 ? SIGINT : SIGTERM;
}

}  // namespace mkt::session
