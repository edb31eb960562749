#include "mkt/train/session.h"

#include <csignal>

#include "mkt/core/error.h"
#include "mkt/core/log.h"
#include "mkt/core/text.h"
#include "mkt/distributed/launcher.h"
#include "mkt/distributed/worker.h"
#include "mkt/train/stop.h"

namespace mkt::train {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

ComputeOptions on_own_device(ComputeOptions compute, const distributed::Topology& topology) {
  const bool any_gpu = compute.device == "cuda" || (compute.device == "auto" && torch::cuda::is_available());
  if (!any_gpu) return compute;
  const auto gpus = static_cast<int>(torch::cuda::device_count());
  TORCH_CHECK(gpus == 0 || topology.local_rank < gpus, "--nproc-per-node: expected at most ", gpus,
              ", the GPUs that are visible here, got ", topology.local_size,
              ". Start fewer ranks, or use --device cpu.");
  compute.device = cat("cuda:", topology.local_rank);
  return compute;
}

}  // namespace

std::optional<int> launch_ranks(const RankOptions& options) {
  if (options.nproc_per_node == 0 || distributed::has_launcher()) {
    TORCH_CHECK_VALUE(options.nnodes == 1 || distributed::has_launcher(),
                      "--nnodes: expected --nproc-per-node with it, got none.");
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
  if (topology.rank > 0) log::set_console(log::Level::kWarning);
  const Runtime runtime = make_runtime(on_own_device(compute, topology));
  distributed::CommunicatorOptions options;
  options.device = runtime.device;
  options.timeout = duration_cast<milliseconds>(std::chrono::duration<double>(ranks.timeout_seconds));
  Session session{distributed::Communicator(topology, options), runtime};
  if (session.ranks.size() > 1) log::info(cat(session.ranks.size(), " ranks have met"));
  return session;
}

std::string with_announced_failure(Session& session, const std::function<std::string()>& body) {
  try {
    return body();
  } catch (const Stopped&) {  // every rank knows
    throw;
  } catch (const std::exception& error) {
    session.ranks.announce_failure(one_line(error));
    throw;
  }
}

int agreed_stop(Session& session) {
  // SIGINT's exit code is its own; SIGUSR1 stops as SIGTERM does.
  const std::int64_t noted = stop_signal() == 0 ? 0 : stop_signal() == SIGINT ? 1 : 2;
  const std::int64_t agreed = session.ranks.agree(noted);
  return agreed == 0 ? 0 : agreed == 1 ? SIGINT : SIGTERM;
}

}  // namespace mkt::train
