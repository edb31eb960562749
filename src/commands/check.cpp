// prepare check: decodes a data set's images and reports faults.

#include <iostream>

#include "check/check.h"
#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct CheckOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text data_path{list, "data-path", kRequired, kDataPathHelp};
  Integer workers{list, "workers", 8, kThreads, kDecodersHelp};
  Group results{list, "Results"};
  Text report{list, "report", "HTML page to write"};
  Text json{list, "json", "File for the findings"};
};

int run_check(const CheckOptions& options) {
  end_on_signals("prepare check");
  const auto result = check::check_data({options.data_path, options.report, options.json, options.workers});
  std::cout << result.text;
  return result.sound ? kExitDone : kExitFailed;
}

}  // namespace

Command check() {
  return {"prepare check",
          "Decodes a data set's images and reports faults; exit code 1 if some cannot be read.",
          "--data-path NUS-WIDE --report check.html", calls(run_check)};
}

}  // namespace mkt::commands
