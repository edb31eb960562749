#pragma once
// Where this process computes, and with which other ranks.

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "session/runtime.h"
#include "session/session_options.h"

namespace mkt::session {

struct Session {
  distributed::Communicator ranks;
  Runtime runtime;

  bool is_main() const { return ranks.is_main(); }
};

/// Starts --nproc-per-node ranks of this very command and returns their exit code once they have ended.
/// Nothing where this process is a rank already, or is to be the only one. Call it before threads exist.
std::optional<int> launch_ranks(const RankOptions& options);

/// Meets the other ranks that a launcher started, if any: torchrun, srun, mpirun, launch_ranks. Ranks other
/// than 0 show only warnings on stderr. Each takes the GPU of its local rank, or the only one that it sees.
/// Throws ValueError naming the
/// flag, c10::Error naming the ranks that did not come.
Session start_session(const ComputeOptions& compute, const RankOptions& ranks);

/// What `body` returns; where it throws, the other ranks learn why before they time out.
std::string with_announced_failure(Session& session, const std::function<std::string()>& body);

/// Throws ValueError naming the first of `values` that another rank has differently.
void check_ranks_agree(const nlohmann::ordered_json& values, Session& session);

/// The same check on the values of all ranks, by rank.
void check_values_agree(const std::vector<nlohmann::ordered_json>& of_ranks);

/// Throws Stopped on every rank where one was asked to stop.
void stop_if_asked(Session& session);

/// SIGTERM or SIGINT where any rank noted a request to stop, else 0; the same on every rank.
int agreed_stop(Session& session);

}  // namespace mkt::session
