#include "session/session.h"
#include "io/json.h"

#include <csignal>

#include "core/log.h"
#include "core/stop.h"
#include "core/text.h"
#include "distributed/launcher.h"
#include "distributed/worker.h"
#include "mkt/core/error.h"

namespace mkt::session {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

ComputeOptions on_own_device(ComputeOptions compute, const distributed::Topology& topology) {
  TORCH_CHECK_VALUE(topology.local_size == 1 || !starts_with(compute.device, "cuda:"),
                    "--device: expected cuda, ", "of which each of the ", topology.local_size,
                    " ranks here takes its own, got ", compute.device, ".");
  const bool any_gpu = compute.device == "cuda" || (compute.device == "auto" && torch::cuda::is_available());
  const auto gpus = static_cast<int>(any_gpu ? torch::cuda::device_count() : 0);
  if (gpus == 0) return compute;
  const bool own_gpu_each = gpus == 1 && topology.launcher != "torchrun";  // as srun --gpus-per-task=1 gives
  TORCH_CHECK(own_gpu_each || topology.local_rank < gpus, "ranks: expected at most ", gpus,
              " on this machine, the GPUs that are visible, got ", topology.local_size,
              ". Start fewer, or use --device cpu.");
  compute.device = cat("cuda:", own_gpu_each ? 0 : topology.local_rank);
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
  TORCH_CHECK_VALUE(
      ranks.nproc_per_node == 0 || ranks.nproc_per_node == topology.local_size || topology.launcher.empty(),
      "--nproc-per-node: expected ", topology.local_size, ", the ranks that ", topology.launcher,
      " started here, got ", ranks.nproc_per_node, ". Leave the flag out under a launcher.");
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

void check_ranks_agree(const nlohmann::ordered_json& inputs, Session& session) {
  const auto all = session.ranks.all_gather(io::json_text(inputs));
  const auto first = nlohmann::ordered_json::parse(all.front());
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    const auto other = nlohmann::ordered_json::parse(all[rank]);
    for (const auto& [name, value] : first.items()) {
      const auto its = other.value(name, nlohmann::ordered_json());
      TORCH_CHECK_VALUE(its == value, "ranks: rank 0 runs with ", name, " = ", value.dump(), ", rank ", rank,
                        " with ", its.dump(), ". Start all ranks with the same command and data.");
    }
  }
}

void stop_if_asked(Session& session) {
  if (const int signal = agreed_stop(session)) throw Stopped(signal);
}

int agreed_stop(Session& session) {
  // SIGINT's exit code is its own; SIGUSR1 stops as SIGTERM does.
  const std::int64_t noted = stop_signal() == 0 ? 0 : stop_signal() == SIGINT ? 1 : 2;
  const std::int64_t agreed = session.ranks.agree(noted);
  return agreed == 0 ? 0 : agreed == 1 ? SIGINT : SIGTERM;
}

}  // namespace mkt::session
