// prepare to-csv: writes a manifest as a CSV table.

#include <iostream>

#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "imports/manifest_import.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct ToCsvOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text data_path{list, "data-path", kRequired, "Manifest (.toml)"};
  Text out{list, "out", kRequired, "CSV file to write; lists of the labels are written beside it"};
  Text separator{list, "separator", ";", "Text between labels"};
};

int run_to_csv(const ToCsvOptions& options) {
  end_on_signals("prepare to-csv");
  std::cout << imports::export_csv({options.data_path, options.out, options.separator}) << "\n";
  return kExitDone;
}

}  // namespace

Command to_csv() {
  return {"prepare to-csv", "Writes a manifest as a table.", "--data-path pets.toml --out pets.csv",
          calls(run_to_csv)};
}

}  // namespace mkt::commands
