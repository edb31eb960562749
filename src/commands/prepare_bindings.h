#pragma once
// The options of `prepare nus-wide` and `prepare check`.

#include "check/check_options.h"
#include "cli/option_list.h"
#include "nus_wide/nus_wide_options.h"

namespace mkt::commands {

cli::OptionList bind(nus_wide::NusWideImportOptions& options);
cli::OptionList bind(check::CheckOptions& options);

}  // namespace mkt::commands
