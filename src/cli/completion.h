#pragma once
// Scripts that complete a program's options, their choices and file names in a shell.

#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

/// The shells that there are scripts for.
const std::vector<std::string>& completion_shells();

/// A command of a program ("label-emb" of prepare) and its options; no name where the program has none.
struct Command {
  std::string name;
  OptionList list;
};

/// The script for a program, to be read by `shell`. Throws ValueError naming --completion for another shell.
std::string completion_script(const std::string& program, const std::vector<Command>& commands,
                              const std::string& shell);

}  // namespace mkt::cli
