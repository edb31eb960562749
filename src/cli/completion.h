#pragma once
// Generates shell scripts that complete a program's options, their choices and file names.

#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

/// Returns the shells with a completion script: bash, zsh, fish.
const std::vector<std::string>& completion_shells();

/// A subcommand ("label-emb" in prepare) and its options; the name is empty if the program has no
/// subcommands.
struct CompletedCommand {
  std::string name;
  const OptionList* list;
};

/// Returns the script for a program, to be sourced by `shell`, one of completion_shells().
std::string completion_script(const std::string& program, const std::vector<CompletedCommand>& commands,
                              const std::string& shell);

}  // namespace mkt::cli
