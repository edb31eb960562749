#pragma once
// Reads command line and configuration file into the options of a list.

#include <functional>
#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

struct Program {
  std::string name;         ///< "train_stage1", "prepare label-emb"
  std::string description;  ///< one or two sentences for --help
  std::string example;      ///< one complete command
};

/// What parsing led to.
struct ParseOutcome {
  bool run;            ///< true: the options are set, the program goes on
  int exit_code;       ///< otherwise: leave with this code …
  std::string output;  ///< … after writing this to stdout (help, version)
  std::string error;   ///< … or this line to stderr
};

/// Reads `arguments` (without the program's name). In addition to the list's options there are --config FILE
/// (TOML, flat keys; an unknown key is an error), --help, --version and --completion SHELL. The command line
/// wins over the file. Underscores in option names read as dashes. Usage errors exit with 2 and suggest the
/// nearest option.
ParseOutcome parse(const Program& program, const OptionList& list, const std::vector<std::string>& arguments);

/// A command of a program, as the program's help lists it.
struct Subcommand {
  std::string name;
  std::string description;
};

/// The command that `arguments` begin with and the arguments after it; or the text to print instead.
struct CommandChoice {
  std::size_t command;
  std::vector<std::string> arguments;
  ParseOutcome outcome;  ///< `run` is false for help, version, completion and a name that is no command
};

/// Reads the arguments of a program with commands. `complete` makes the script for --completion SHELL.
CommandChoice choose_command(const Program& program, const std::vector<Subcommand>& commands,
                             const std::vector<std::string>& arguments,
                             const std::function<std::string(const std::string& shell)>& complete);

}  // namespace mkt::cli
