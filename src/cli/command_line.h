#pragma once
// Command line and configuration file → the fields of an OptionList.

#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

struct Program {
  std::string name;         ///< "train_stage1"
  std::string description;  ///< one or two sentences for --help
  std::string example;      ///< one complete command
};

/// What parsing came to.
struct ParseOutcome {
  bool run;            ///< true: the options are set and the program goes on
  int exit_code;       ///< otherwise: leave with this code …
  std::string output;  ///< … after writing this to stdout (help, version)
  std::string error;   ///< … or this line to stderr
};

/// Reads `arguments` (without the program's name). Besides the list's own options there are --config FILE
/// (TOML, flat keys; an unknown key is an error), --help, --version and --completion SHELL. The command line
/// wins over the file. Underscores in option names read as dashes. Usage errors exit with 2 and suggest the
/// nearest option.
ParseOutcome parse(const Program& program, const OptionList& list, std::vector<std::string> arguments);

}  // namespace mkt::cli
