#pragma once
// Errors: types, messages and exit codes.
//
// Arguments are checked with TORCH_CHECK_VALUE (c10::ValueError), files and the environment with TORCH_CHECK
// (c10::Error). Every message has the form "<file or option>: expected X, got Y. <What to do>."

#include <exception>
#include <string>

namespace mkt {

/// Exit codes of every executable.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitInterrupted = 130,  ///< the process was stopped by SIGINT
  kExitTerminated = 143,   ///< the process was stopped by SIGTERM or SIGHUP; training has saved its state
};

/// Returns the message of `error` as one line, without LibTorch's stack trace.
std::string one_line(const std::exception& error);

}  // namespace mkt
