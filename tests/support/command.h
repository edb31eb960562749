#pragma once
// Helpers that run programs in tests.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace mkt::test {

/// Exit code and output of a program.
struct CommandResult {
  int exit_code = 0;   ///< 128 + n if signal n ended the program
  std::string output;  ///< standard output
  std::string error;   ///< standard error
};

/// Returns the path of an executable in this build.
std::string program(const std::string& name);

/// Runs a program until it exits. `input` is its standard input.
CommandResult run_command(const std::vector<std::string>& command, const std::string& input = "");

/// Starts a program whose stdout and stderr go to files with these names in `folder`. The caller must wait
/// for the process.
pid_t start_command(const std::vector<std::string>& command, const std::string& folder);

/// Returns the contents of a file, or "" if it does not exist.
std::string file_text(const std::string& path);

/// Waits until a file contains `text`; returns false if it does not within `limit`.
bool wait_for_text(const std::string& path, const std::string& text, std::chrono::seconds limit);

/// Creates an empty folder, which is removed when the test program exits; returns its path.
std::string scratch_folder(const std::string& name);

}  // namespace mkt::test
