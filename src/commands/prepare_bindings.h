#pragma once
// The options of `prepare nus-wide` and `prepare check`.

#include "check/check_options.h"
#include "cli/option_list.h"
#include "nus_wide/nus_wide_options.h"

namespace mkt::config {

OptionList bind(prepare::NusWideImportOptions& options);
OptionList bind(prepare::CheckOptions& options);

}  // namespace mkt::config
