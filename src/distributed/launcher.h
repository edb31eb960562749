#pragma once
// Starts the ranks of a program on this node, without an external launcher.

#include <chrono>
#include <string>
#include <vector>

namespace mkt::distributed {

/// Number of ranks, address of node 0, and time limits.
struct LaunchOptions {
  int nproc_per_node = 1;
  int nnodes = 1;
  int node_rank = 0;
  std::string master_addr;  ///< address of node 0; required if nnodes > 1
  int master_port = 0;      ///< port on node 0; 0 chooses a free one (only if nnodes is 1)
  std::chrono::milliseconds grace =
      std::chrono::seconds(5);  ///< time from SIGTERM to SIGKILL after a failure
  /// Maximum time for the other ranks to end after one has stopped with its state saved (exit code 143 or
  /// 130).
  std::chrono::milliseconds stop_grace = std::chrono::minutes(2);
};

/// Result of a launch.
struct LaunchResult {
  /// Exit code: 0 if all ranks exited with 0; 143 or 130 if ranks stopped with their state saved and none
  /// failed; otherwise that of the first rank that failed (128 + n for signal n).
  int exit_code = 0;
  int failed_rank = -1;  ///< the first rank that failed, or -1
  std::string message;   ///< one line: the failed rank, its exit code or signal, its last error; or empty
};

/// Runs `arguments` (program first, searched for as execvp does) nproc_per_node times as the ranks of this
/// node, with torchrun's environment variables, and waits for them. The ranks are killed if this process
/// dies. SIGTERM, SIGINT, SIGUSR1, SIGUSR2 and SIGHUP are forwarded to them. After the first failure, all
/// ranks are ended. If OMP_NUM_THREADS is not set, the cores are divided among the ranks. The stderr of rank
/// 0 is forwarded unchanged; that of other ranks, with a prefix on each line, for example "[rank 1] ".
///
/// Call it from the main thread before other threads start: a rank is killed when the thread that started it
/// ends. Throws ValueError for invalid options, c10::Error if processes cannot be started or the port is not
/// free.
///
///     if (options.nproc_per_node > 0 && !has_launcher()) {
///       const auto result = launch(own_arguments(), options);
///       if (!result.message.empty()) log::error(result.message);
///       return result.exit_code;
///     }
LaunchResult launch(const std::vector<std::string>& arguments, const LaunchOptions& options);

/// Returns this process's command line, with the executable's path first. Throws c10::Error if /proc is not
/// readable.
std::vector<std::string> own_arguments();

}  // namespace mkt::distributed
