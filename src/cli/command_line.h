#pragma once
// Parses the command line and the configuration file into an option list.

#include <functional>
#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

struct Program {
  std::string name;         ///< name in usage and error messages: "train_stage1", "prepare label-emb"
  std::string description;  ///< one or two sentences for --help
  std::string example;      ///< arguments of one complete call
};

/// Result of parsing: run the program, or print a text and exit.
struct ParseOutcome {
  bool run;            ///< true: the options are set and the program continues
  int exit_code;       ///< exit code if `run` is false
  std::string output;  ///< text to print to stdout before exiting (help, version)
  std::string error;   ///< line to print to stderr before exiting
};

/// Parses `arguments` (without the program name). Besides the options in the list there are --config FILE
/// (TOML, flat keys; an unknown key is an error), --help, --version and --completion SHELL. The command line
/// overrides the file. Underscores in option names are read as dashes. Usage errors have exit code 2 and
/// suggest the nearest option.
ParseOutcome parse(const Program& program, const OptionList& list, const std::vector<std::string>& arguments);

/// A subcommand as listed in the program's help.
struct Subcommand {
  std::string name;
  std::string description;
};

/// The chosen subcommand, by index, and its arguments; or the text to print instead.
struct CommandChoice {
  std::size_t command;
  std::vector<std::string> arguments;
  ParseOutcome outcome;  ///< `run` is false for help, version, completion and an unknown subcommand
};

/// Parses the arguments of a program with subcommands. `complete` returns the script for --completion SHELL.
CommandChoice choose_command(const Program& program, const std::vector<Subcommand>& commands,
                             const std::vector<std::string>& arguments,
                             const std::function<std::string(const std::string& shell)>& complete);

}  // namespace mkt::cli
