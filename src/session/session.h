#pragma once
// Runs a process as one rank: chooses its device and connects it to the other ranks.

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "session/runtime.h"
#include "session/session_options.h"

namespace mkt::session {

/// This rank's connection to the other ranks, and its device and precision.
struct Session {
  distributed::Communicator ranks;
  Runtime runtime;

  bool is_main() const { return ranks.is_main(); }
};

/// Starts options.nproc_per_node ranks with this process's own command line, waits until they have ended and
/// returns their exit code. Returns nullopt if this process is a rank already or the only one. Call it before
/// any thread is started.
std::optional<int> launch_ranks(const RankOptions& options);

/// Connects to the other ranks if a launcher (torchrun, srun, mpirun, launch_ranks) started any. Ranks other
/// than 0 show only warnings on stderr. Each rank uses its own GPU (rank_device.h). Throws ValueError naming
/// the option, c10::Error naming the ranks that did not connect.
Session start_session(const ComputeOptions& compute, const RankOptions& ranks);

/// Calls `body` and returns its result. If it throws, sends the error message to the other ranks, so that
/// they do not wait until they time out.
std::string with_announced_failure(Session& session, const std::function<std::string()>& body);

/// Throws ValueError naming the first value in `values` that differs between ranks.
void check_ranks_agree(const nlohmann::ordered_json& values, Session& session);

/// Same check with the values of all ranks in one process; element i has the values of rank i.
void check_values_agree(const std::vector<nlohmann::ordered_json>& of_ranks);

/// Throws Stopped on every rank if any rank has received a stop signal.
void stop_if_asked(Session& session);

/// Returns SIGTERM or SIGINT if any rank has received a stop signal, otherwise 0; the same on every rank.
int agreed_stop(Session& session);

}  // namespace mkt::session
