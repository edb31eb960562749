#pragma once
// What every main does: parse, run, turn an exception into one line and an exit code.

#include <c10/util/Exception.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "commands/bindings.h"
#include "core/stop.h"
#include "distributed/worker.h"
#include "mkt/core/error.h"
#include "session/session.h"

namespace mkt::app {

/// One line on stderr, and where a launcher reads the reason of a rank's end.
inline void report(const std::string& name, const std::string& message) {
  std::cerr << name << ": " << message << "\n";
  distributed::write_error_file(message);
}

/// Calls `body` and returns its exit code, or that of the exception it ends in, after one line on stderr.
inline int guarded(const std::string& name, const std::function<int()>& body) {
  try {
    return body();
  } catch (const Stopped& stopped) {
    std::cerr << name << ": " << stopped.what() << "\n";
    return stopped.exit_code();
  } catch (const c10::ValueError& error) {
    report(name, one_line(error));
    return kExitUsage;
  } catch (const std::exception& error) {
    report(name, one_line(error));
    return kExitFailed;
  }
}

/// Parses argv[first…] into Options, prints what parsing asks for, or calls run(options, resolved TOML).
template <typename Options, typename Run>
int main_with(const cli::Program& program, int argc, char** argv, int first, Run run) {
  return guarded(program.name, [&] {
    Options options;
    const cli::OptionList list = commands::bind(options);
    const auto outcome = cli::parse(program, list, std::vector<std::string>(argv + first, argv + argc));
    std::cout << outcome.output;
    std::cerr << outcome.error;
    const int code = outcome.run ? run(options, list.toml()) : outcome.exit_code;
    TORCH_CHECK(std::cout.flush().good(), "standard output: writing failed. Is the disk full?");
    return code;
  });
}

/// Ends the process at once. LibTorch's destructors would first take apart its tables of operations, which
/// costs 0.07 s of the 0.6 s that a picture takes.
[[noreturn]] inline void leave(int code) {
  std::cout.flush();
  std::cerr.flush();
  std::fflush(nullptr);
  std::_Exit(code);
}

/// The main of a program that runs on several ranks: `work(options, resolved)` gives what rank 0 prints.
template <typename Options>
int ranked_main(const cli::Program& program, int argc, char** argv,
                const std::function<std::string(const Options&, const std::string&)>& work) {
  return main_with<Options>(program, argc, argv, 1, [&](const Options& options, const std::string& resolved) {
    if (const auto code = session::launch_ranks(ranks_of(options))) return *code;
    std::cout << work(options, resolved);
    return static_cast<int>(kExitDone);
  });
}

}  // namespace mkt::app
