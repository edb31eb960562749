#pragma once
// How failures reach a person.
//
// Arguments are checked with TORCH_CHECK_VALUE (c10::ValueError), files and the environment with TORCH_CHECK
// (c10::Error). The wording everywhere: "<file or flag>: expected X, got Y. <What to do>."

#include <exception>
#include <string>

namespace mkt {

/// Exit codes of every executable.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitInterrupted = 130,  ///< stopped by SIGINT, state saved
  kExitTerminated = 143,   ///< stopped by SIGTERM, state saved
};

/// The message of `error` on one line, without LibTorch's stack trace.
std::string one_line(const std::exception& error);

}  // namespace mkt
