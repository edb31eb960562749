#pragma once
// A process as one rank of a run: where it computes, and the other ranks.

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "session/runtime.h"
#include "session/session_options.h"

namespace mkt::session {

/// This rank's connection to the others, and where it computes.
struct Session {
  distributed::Communicator ranks;
  Runtime runtime;

  bool is_main() const { return ranks.is_main(); }
};

/// Starts options.nproc_per_node ranks of this process's own command line and returns their exit code once
/// they have ended. Returns nothing if this process is a rank already or is to be the only one. Call it
/// before threads exist.
std::optional<int> launch_ranks(const RankOptions& options);

/// Connects to the other ranks if a launcher (torchrun, srun, mpirun, launch_ranks) started any. Ranks other
/// than 0 show only warnings on stderr. Each rank takes its own GPU (rank_device.h). Throws ValueError naming
/// the option, c10::Error naming the ranks that did not connect.
Session start_session(const ComputeOptions& compute, const RankOptions& ranks);

/// Returns what `body` returns. If it throws, the other ranks are sent its message, so that they do not wait
/// until they time out.
std::string with_announced_failure(Session& session, const std::function<std::string()>& body);

/// Throws ValueError naming the first of `values` that another rank has differently.
void check_ranks_agree(const nlohmann::ordered_json& values, Session& session);

/// The same check on the values of all ranks, by rank.
void check_values_agree(const std::vector<nlohmann::ordered_json>& of_ranks);

/// Throws Stopped on every rank if any rank was asked to stop.
void stop_if_asked(Session& session);

/// SIGTERM or SIGINT if any rank was asked to stop, otherwise 0; the same on every rank.
int agreed_stop(Session& session);

}  // namespace mkt::session
