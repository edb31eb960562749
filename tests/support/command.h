#pragma once
// Running the project's executables from a test.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace mkt::test {

struct CommandResult {
  int exit_code = 0;  ///< 128 + signal where one ended it
  std::string output;
  std::string error;
};

/// Path of an executable of this build.
std::string program(const std::string& name);

/// Runs a program to its end. `input` is its standard input.
CommandResult run_command(const std::vector<std::string>& command, const std::string& input = "");

/// Starts a program with its output going to files under `folder`; the caller waits for it.
pid_t start_command(const std::vector<std::string>& command, const std::string& folder);

/// The text of a file, "" where there is none.
std::string file_text(const std::string& path);

/// Waits until a file holds `text`; false where it does not within `limit`.
bool wait_for_text(const std::string& path, const std::string& text, std::chrono::seconds limit);

/// A new empty folder that lasts as long as the test program.
std::string scratch_folder(const std::string& name);

}  // namespace mkt::test
