#pragma once
// Normalises command-line arguments before CLI11 parses them, and suggests corrections for unknown options.

#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

/// Rewrites arguments for CLI11: replaces underscores in option names (the original's spelling) with dashes,
/// inserts the implied value of an option given without one, and repeats a list option's name before each
/// value.
std::vector<std::string> normalised_arguments(const OptionList& list,
                                              const std::vector<std::string>& arguments);

/// Returns "--name" for the option closest to `unknown` by edit distance; "" if none is close.
std::string nearest_option(const OptionList& list, const std::string& unknown);

}  // namespace mkt::cli
