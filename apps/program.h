#pragma once
// What every main does: parse, run, turn an exception into one line and an exit code.

#include <c10/util/Exception.h>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "mkt/config/bindings.h"
#include "mkt/config/command_line.h"
#include "mkt/core/error.h"
#include "mkt/train/stop.h"

namespace mkt::app {

/// Calls `body` and returns its exit code, or that of the exception it ends in, after one line on stderr.
inline int guarded(const std::string& name, const std::function<int()>& body) {
  try {
    return body();
  } catch (const train::Stopped& stopped) {
    std::cerr << name << ": " << stopped.what() << "\n";
    return stopped.exit_code();
  } catch (const c10::ValueError& error) {
    std::cerr << name << ": " << one_line(error) << "\n";
    return kExitUsage;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << one_line(error) << "\n";
    return kExitFailed;
  }
}

/// Parses argv[first…] into Options, prints what parsing asks for, or calls run(options, resolved TOML).
template <typename Options, typename Run>
int main_with(const config::Program& program, int argc, char** argv, int first, Run run) {
  return guarded(program.name, [&] {
    Options options;
    const config::OptionList list = config::bind(options);
    const auto outcome = config::parse(program, list, std::vector<std::string>(argv + first, argv + argc));
    std::cout << outcome.output;
    std::cerr << outcome.error;
    const int code = outcome.run ? run(options, list.toml()) : outcome.exit_code;
    TORCH_CHECK(std::cout.flush().good(), "standard output: writing failed. Is the disk full?");
    return code;
  });
}

}  // namespace mkt::app
