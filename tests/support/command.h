#pragma once
// Runs programs from tests.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace mkt::test {

/// How a program ended, and its output.
struct CommandResult {
  int exit_code = 0;   ///< 128 + n if signal n ended the program
  std::string output;  ///< standard output
  std::string error;   ///< standard error
};

/// The path of an executable of this build.
std::string program(const std::string& name);

/// Runs a program to its end. `input` is its standard input.
CommandResult run_command(const std::vector<std::string>& command, const std::string& input = "");

/// Starts a program that writes its output to the files stdout and stderr in `folder`. The caller waits for
/// it.
pid_t start_command(const std::vector<std::string>& command, const std::string& folder);

/// The bytes of a file, or "" if it does not exist.
std::string file_text(const std::string& path);

/// Waits until a file contains `text`; false if it does not within `limit`.
bool wait_for_text(const std::string& path, const std::string& text, std::chrono::seconds limit);

/// A new empty folder, which is removed when the test program ends.
std::string scratch_folder(const std::string& name);

}  // namespace mkt::test
