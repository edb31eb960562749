// prepare inspect: prints the type of a file, its sizes, and the option that accepts it.

#include <iostream>

#include "commands/commands.h"
#include "commands/file_advice.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "formats/formats.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct InspectOptions {
  cli::OptionList list;
  Group group{list, "File"};
  Text file{list, "file", kRequired, cli::positional(),
            "File or data set's folder; the name --file may be left out"};
  ArchitectureOptions architecture{list};
  Flag json{list, "json", "Print one JSON object"};
};

int run_inspect(const InspectOptions& options) {
  end_on_signals("prepare inspect");
  std::cout << formats::inspect(options.file, options.json, options.architecture.value(), file_advice);
  return kExitDone;
}

}  // namespace

Command inspect() {
  return {"prepare inspect", "Prints the kind of a file, its sizes, and the option that takes it.",
          "ViT-B-16.pt", calls(run_inspect)};
}

}  // namespace mkt::commands
