#pragma once
// Starts a program's own ranks where no launcher is at hand.

#include <chrono>
#include <string>
#include <vector>

namespace mkt::distributed {

struct LaunchOptions {
  int nproc_per_node = 1;
  int nnodes = 1;
  int node_rank = 0;
  std::string master_addr;                                    ///< node 0's address; needed where nnodes > 1
  int master_port = 0;                                        ///< 0: a free one, where nnodes is 1
  std::chrono::milliseconds grace = std::chrono::seconds(5);  ///< from SIGTERM to SIGKILL after a failure
  /// How long the others may take once one rank has exited 143 or 130, that is stopped with its state saved.
  std::chrono::milliseconds stop_grace = std::chrono::minutes(2);
};

struct LaunchResult {
  /// 0 where all ranks gave 0; otherwise that of the first rank that failed (128 + n for signal n); 143 or
  /// 130 where ranks stopped with their state saved and none failed.
  int exit_code = 0;
  int failed_rank = -1;  ///< the first rank that failed, or -1
  std::string
      message;  ///< one line: which rank, how it ended, and its last error line; empty where none failed
};

/// Runs `arguments` (program first, looked for as execvp does) nproc_per_node times as ranks of this node,
/// with torchrun's variables set, and waits for them. They die with this process; SIGTERM, SIGINT, SIGUSR1,
/// SIGUSR2 and SIGHUP are passed on; the first failure ends all. OMP_NUM_THREADS, where unset, shares out the
/// cores. stderr of rank 0 passes as it is, that of others with "[rank 1] " before each line.
///
/// Call it from the main thread before other threads exist: a rank dies with the thread that started it.
/// Throws c10::ValueError on bad options, c10::Error where processes or the port cannot be had.
///
///     if (options.nproc_per_node > 0 && !has_launcher()) {
///       const auto result = launch(own_arguments(), options);
///       if (!result.message.empty()) log::error(result.message);
///       return result.exit_code;
///     }
LaunchResult launch(const std::vector<std::string>& arguments, const LaunchOptions& options);

/// This process's command line with the path of its executable first.
std::vector<std::string> own_arguments();

}  // namespace mkt::distributed
