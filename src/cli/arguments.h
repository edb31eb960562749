#pragma once
// Command-line arguments before CLI11 sees them, and the ones that it does not know.

#include <string>
#include <vector>

#include "cli/option_list.h"

namespace mkt::cli {

/// The arguments as CLI11 expects them: dashes for underscores in names (the original's spelling), the
/// implied value of an option that stands alone, and a list option's name before each of its values.
std::vector<std::string> normalised_arguments(const OptionList& list,
                                              const std::vector<std::string>& arguments);

/// "--name" of the option closest to `unknown` by edit distance; "" if none is close.
std::string nearest_option(const OptionList& list, const std::string& unknown);

}  // namespace mkt::cli
